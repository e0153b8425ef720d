import { type MonitoringParts, monitoringCheck } from './check-monitoring.ts';
import { type PersonParts, personChecks } from './check-person.ts';
import { type ServiceParts, serviceChecks } from './check-service.ts';
import type { Check } from './finding.ts';

/** Everything the doctor looks at, on the way from Teams to Intune and then at home. */
export function createChecks(parts: ServiceParts & PersonParts & MonitoringParts): readonly Check[] {
  const { first, last } = serviceChecks(parts);
  return [...first, ...personChecks(parts), monitoringCheck(parts), ...last];
}
