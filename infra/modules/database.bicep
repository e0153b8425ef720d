// PostgreSQL that knows no password: its one administrator is the bot's identity. A module, because a resource's name must be known
// before the deployment, and the administrator's is the identity's object id.
param name string
param location string
param subnetId string
param dnsZoneId string
param adminName string
param adminObjectId string

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: name
  location: location
  sku: { name: 'Standard_B1ms', tier: 'Burstable' }
  properties: {
    version: '17'
    storage: { storageSizeGB: 32, autoGrow: 'Enabled' }
    backup: { backupRetentionDays: 14, geoRedundantBackup: 'Disabled' }
    authConfig: { activeDirectoryAuth: 'Enabled', passwordAuth: 'Disabled', tenantId: tenant().tenantId }
    network: { delegatedSubnetResourceId: subnetId, privateDnsZoneArmResourceId: dnsZoneId }
  }

  resource database 'databases' = {
    name: 'vpp_sync'
    properties: { charset: 'UTF8' }
  }

  resource administrator 'administrators' = {
    name: adminObjectId
    dependsOn: [database]
    properties: {
      principalName: adminName
      principalType: 'ServicePrincipal'
      tenantId: tenant().tenantId
    }
  }
}

output host string = server.properties.fullyQualifiedDomainName
output databaseName string = server::database.name
