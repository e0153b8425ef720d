// Shapes of Intune's refusals as public issue threads show them; every id and host here is invented.
const activityId = '0a1b2c3d-1111-4222-8333-444455556666';
const tail = `Operation ID (for customer support): 00000000-0000-0000-0000-000000000000 - Activity ID: ${activityId} - Url: https://proxy.unit01.manage.example.com/Fe/vppTokens?api-version=1`;

export const ids = { activityId, requestId: '99999999-aaaa-4bbb-8ccc-dddddddddddd' };

const serviceMessage = (message: string) =>
  JSON.stringify(
    { _version: 3, Message: `${message} - ${tail}`, CustomApiErrorPhrase: '', RetryAfter: null, HttpHeaders: '{}' },
    null,
    2,
  );

export const plain = (code: string, message: string) =>
  JSON.stringify({ error: { code, message, innerError: { date: '2026-11-23', 'request-id': ids.requestId } } });

export const singleEncoded = (message: string, code = 'Forbidden') => plain(code, serviceMessage(message));

export const doubleEncoded = (message: string) =>
  plain('UnknownError', JSON.stringify({ ErrorCode: 'Forbidden', Message: serviceMessage(message), Target: null }));

export const joined = (message: string) => plain('Forbidden', `${message} - ${tail} - CustomApiErrorPhrase: `);

export const scopeSentence =
  'Application is not authorized to perform this operation. Application must have one of the following scopes: ' +
  'DeviceManagementServiceConfig.Read.All, DeviceManagementServiceConfig.ReadWrite.All';

export const neededScopes = ['DeviceManagementServiceConfig.Read.All', 'DeviceManagementServiceConfig.ReadWrite.All'];
