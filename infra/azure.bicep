// VPP Sync on Azure Container Apps. Without `image` or `signInAppId` everything but the bot itself is made, so that these two can be made
// from the outputs; docs/set-up.md has the steps. azure.parameters.json is for the Toolkit, which fills in its placeholders.

@description('Names all resources; lower-case letters and digits, as a container registry wants them.')
@minLength(3)
@maxLength(12)
param name string = 'vppsync'

param location string = resourceGroup().location

@description('Full name of the bot\'s image, such as one built into the registry of this deployment.')
param image string = ''

@description('Client id of the app that people sign in to (AAD_APP_CLIENT_ID).')
param signInAppId string = ''

@description('AAD_APP_ID_URI; empty for the default of the bot.')
param signInAppIdUri string = ''

@description('Tenants that may use the bot, comma-separated (ALLOWED_TENANTS).')
param allowedTenants string = tenant().tenantId

@description('Where people reach the bot, if not at the address that Azure gives it (PUBLIC_URL).')
param publicUrl string = ''

@allowed(['global', 'usgov', 'usgovdod'])
param cloud string = 'global'

@description('32 bytes in base64 (TOKEN_CACHE_KEY). Needed once; left empty later, the key in the vault stays.')
@secure()
param tokenCacheKey string = ''

@description('The former key while the audit is to prove what it sealed (AUDIT_OTHER_KEY).')
@secure()
param auditOtherKey string = ''

@description('Entra object ids of the operators, comma-separated (OPERATORS).')
param operators string = ''
param developerName string = ''
param websiteUrl string = ''
param supportContact string = ''

@allowed(['on', 'off'])
param graphBeta string = 'off'

@allowed(['trace', 'debug', 'info', 'warn', 'error', 'fatal'])
param logLevel string = 'info'

@description('Where traces are sent (OTEL_EXPORTER_OTLP_ENDPOINT); empty for none.')
param otlpEndpoint string = ''

@description('Processes of the bot, all equal.')
@minValue(1)
@maxValue(10)
param replicas int = 2

@description('Address of those who are notified when the bot restarts or is not ready; empty for nobody.')
param alertEmail string = ''

@allowed(['F0', 'S1'])
param botSku string = 'F0'

var suffix = uniqueString(resourceGroup().id)
var address = empty(publicUrl) ? 'https://${name}.${apps.properties.defaultDomain}' : publicUrl
var deployBot = !empty(image) && !empty(signInAppId)

// The bot's own registration, the app's credential and the database's user in one: there is no secret to keep.
resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location
}

resource bot 'Microsoft.BotService/botServices@2022-09-15' = {
  name: '${name}-${suffix}'
  location: 'global'
  kind: 'azurebot'
  sku: { name: botSku }
  properties: {
    displayName: 'VPP Sync'
    endpoint: '${address}/api/messages'
    msaAppType: 'UserAssignedMSI'
    msaAppId: identity.properties.clientId
    msaAppMSIResourceId: identity.id
    msaAppTenantId: identity.properties.tenantId
    disableLocalAuth: true
  }

  resource teams 'channels' = {
    name: 'MsTeamsChannel'
    location: 'global'
    properties: {
      channelName: 'MsTeamsChannel'
      properties: { isEnabled: true, acceptedTerms: true }
    }
  }
}

resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: '${name}-${suffix}'
  location: location
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 30
  }
}

module network 'modules/network.bicep' = {
  name: '${name}-network'
  params: { name: name, location: location }
}

module database 'modules/database.bicep' = {
  name: '${name}-database'
  params: {
    name: '${name}-${suffix}'
    location: location
    subnetId: network.outputs.databaseSubnetId
    dnsZoneId: network.outputs.dnsZoneId
    adminName: identity.name
    adminObjectId: identity.properties.principalId
  }
}

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: take('${name}${suffix}', 24)
  location: location
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    enablePurgeProtection: true
  }

  resource cacheKey 'secrets' = if (!empty(tokenCacheKey)) {
    name: 'token-cache-key'
    properties: { value: tokenCacheKey }
  }

  resource otherKey 'secrets' = if (!empty(auditOtherKey)) {
    name: 'audit-other-key'
    properties: { value: auditOtherKey }
  }
}

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' = {
  name: '${name}${suffix}'
  location: location
  sku: { name: 'Basic' }
  properties: { adminUserEnabled: false }
}

var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
var imagePuller = '7f951dda-4ed3-4680-a7ca-43fe172d538d'

resource readSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, identity.id, secretsUser)
  scope: vault
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
  }
}

resource pullImages 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, identity.id, imagePuller)
  scope: registry
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', imagePuller)
  }
}

resource apps 'Microsoft.App/managedEnvironments@2024-03-01' = {
  name: name
  location: location
  properties: {
    appLogsConfiguration: { destination: 'azure-monitor' }
    vnetConfiguration: { infrastructureSubnetId: network.outputs.appsSubnetId }
    workloadProfiles: [{ name: 'Consumption', workloadProfileType: 'Consumption' }]
  }
}

resource appLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: apps
  properties: {
    workspaceId: logs.id
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

// The user of the address is the identity, whose token takes the place of a password.
var databaseUrl = 'postgres://${identity.name}@${database.outputs.host}:5432/${database.outputs.databaseName}?sslmode=verify-full'

resource app 'Microsoft.App/containerApps@2024-03-01' = if (deployBot) {
  name: name
  location: location
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  dependsOn: [readSecrets, pullImages]
  properties: {
    environmentId: apps.id
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      ingress: { external: true, targetPort: 3978, transport: 'http', allowInsecure: false }
      registries: [{ server: registry.properties.loginServer, identity: identity.id }]
      secrets: concat([
        {
          name: 'token-cache-key'
          keyVaultUrl: '${vault.properties.vaultUri}secrets/token-cache-key'
          identity: identity.id
        }
      ], empty(auditOtherKey) ? [] : [
        {
          name: 'audit-other-key'
          keyVaultUrl: '${vault.properties.vaultUri}secrets/audit-other-key'
          identity: identity.id
        }
      ])
    }
    template: {
      terminationGracePeriodSeconds: 30
      scale: { minReplicas: replicas, maxReplicas: replicas }
      containers: [
        {
          name: 'bot'
          image: image
          resources: { cpu: json('0.5'), memory: '1Gi' }
          env: concat([
            { name: 'PUBLIC_URL', value: address }
            { name: 'BOT_ID', value: identity.properties.clientId }
            { name: 'BOT_TYPE', value: 'UserAssignedMsi' }
            { name: 'BOT_TENANT_ID', value: identity.properties.tenantId }
            { name: 'AAD_APP_CLIENT_ID', value: signInAppId }
            { name: 'AAD_APP_FEDERATED_CLIENT_ID', value: identity.properties.clientId }
            { name: 'AAD_APP_ID_URI', value: signInAppIdUri }
            { name: 'ALLOWED_TENANTS', value: allowedTenants }
            { name: 'CLOUD', value: cloud }
            { name: 'DATABASE_URL', value: databaseUrl }
            { name: 'GRAPH_BETA', value: graphBeta }
            { name: 'TOKEN_CACHE_KEY', secretRef: 'token-cache-key' }
            { name: 'LOG_LEVEL', value: logLevel }
            { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: otlpEndpoint }
            { name: 'OPERATORS', value: operators }
            { name: 'DEVELOPER_NAME', value: developerName }
            { name: 'WEBSITE_URL', value: websiteUrl }
            { name: 'SUPPORT_CONTACT', value: supportContact }
          ], empty(auditOtherKey) ? [] : [
            { name: 'AUDIT_OTHER_KEY', secretRef: 'audit-other-key' }
          ])
          probes: [
            {
              type: 'Startup'
              httpGet: { path: '/healthz', port: 3978 }
              periodSeconds: 2
              failureThreshold: 30
            }
            {
              type: 'Liveness'
              httpGet: { path: '/healthz', port: 3978 }
              periodSeconds: 15
              failureThreshold: 4
            }
            {
              type: 'Readiness'
              httpGet: { path: '/readyz', port: 3978 }
              periodSeconds: 5
              failureThreshold: 3
            }
          ]
        }
      ]
    }
  }
}

module alerts 'modules/alerts.bicep' = if (deployBot && !empty(alertEmail)) {
  name: '${name}-alerts'
  params: {
    name: name
    location: location
    email: alertEmail
    appId: resourceId('Microsoft.App/containerApps', name)
    logsId: logs.id
  }
  dependsOn: [app, appLogs]
}

// Named like the variables of env/.env.example.
output PUBLIC_URL string = address
output BOT_ID string = identity.properties.clientId
output BOT_TYPE string = 'UserAssignedMsi'
output BOT_TENANT_ID string = identity.properties.tenantId
output AAD_APP_FEDERATED_CLIENT_ID string = identity.properties.clientId
output DATABASE_URL string = databaseUrl

// For the steps of docs/set-up.md.
output identityId string = identity.id
output registry string = registry.properties.loginServer
