// Generated from the OpenAPI document by `npm run generate`. Changes made here are lost.
import type { ByteAnswer, ByteBody } from '../bytes.ts';
import type { operations } from './api.ts';

/** Of the document that this was generated from. */
export const fingerprint = '0fcddd6f205baaa00b4fc45e30f56d8aa693458ed46f32e84a26fc5246c9ce08';

export interface Calls {
  createProject: {
    params?: undefined;
    query?: undefined;
    body: NonNullable<operations['createProject']['requestBody']>['content']['application/json'];
    answer: operations['createProject']['responses'][201]['content']['application/json'];
  };
  listProjects: {
    params?: undefined;
    query: NonNullable<operations['listProjects']['parameters']['query']>;
    body?: undefined;
    answer: operations['listProjects']['responses'][200]['content']['application/json'];
  };
  updateProject: {
    params: operations['updateProject']['parameters']['path'];
    query?: undefined;
    body: NonNullable<operations['updateProject']['requestBody']>['content']['application/json'];
    answer: operations['updateProject']['responses'][200]['content']['application/json'];
  };
  removeProject: {
    params: operations['removeProject']['parameters']['path'];
    query?: undefined;
    body?: undefined;
    answer: operations['removeProject']['responses'][200]['content']['application/json'];
  };
  getProject: {
    params: operations['getProject']['parameters']['path'];
    query: NonNullable<operations['getProject']['parameters']['query']>;
    body?: undefined;
    answer: operations['getProject']['responses'][200]['content']['application/json'];
  };
  reviseProjectPrd: {
    params: operations['reviseProjectPrd']['parameters']['path'];
    query?: undefined;
    body: NonNullable<operations['reviseProjectPrd']['requestBody']>['content']['application/json'];
    answer: operations['reviseProjectPrd']['responses'][200]['content']['application/json'];
  };
  cloneProject: {
    params: operations['cloneProject']['parameters']['path'];
    query?: undefined;
    body: NonNullable<operations['cloneProject']['requestBody']>['content']['application/json'];
    answer: operations['cloneProject']['responses'][201]['content']['application/json'];
  };
  pauseProject: {
    params: operations['pauseProject']['parameters']['path'];
    query?: undefined;
    body: NonNullable<operations['pauseProject']['requestBody']>['content']['application/json'];
    answer: operations['pauseProject']['responses'][202]['content']['application/json'];
  };
  resumeProject: {
    params: operations['resumeProject']['parameters']['path'];
    query?: undefined;
    body?: undefined;
    answer: operations['resumeProject']['responses'][202]['content']['application/json'];
  };
  cancelProject: {
    params: operations['cancelProject']['parameters']['path'];
    query?: undefined;
    body: NonNullable<operations['cancelProject']['requestBody']>['content']['application/json'];
    answer: operations['cancelProject']['responses'][202]['content']['application/json'];
  };
  archiveProject: {
    params: operations['archiveProject']['parameters']['path'];
    query?: undefined;
    body?: undefined;
    answer: operations['archiveProject']['responses'][202]['content']['application/json'];
  };
  listProjectRuns: {
    params: operations['listProjectRuns']['parameters']['path'];
    query: NonNullable<operations['listProjectRuns']['parameters']['query']>;
    body?: undefined;
    answer: operations['listProjectRuns']['responses'][200]['content']['application/json'];
  };
  startRun: {
    params: operations['startRun']['parameters']['path'];
    query?: undefined;
    body: NonNullable<operations['startRun']['requestBody']>['content']['application/json'];
    answer: operations['startRun']['responses'][201]['content']['application/json'];
  };
  listProjectTasks: {
    params: operations['listProjectTasks']['parameters']['path'];
    query: NonNullable<operations['listProjectTasks']['parameters']['query']>;
    body?: undefined;
    answer: operations['listProjectTasks']['responses'][200]['content']['application/json'];
  };
  listProjectAgents: {
    params: operations['listProjectAgents']['parameters']['path'];
    query: NonNullable<operations['listProjectAgents']['parameters']['query']>;
    body?: undefined;
    answer: operations['listProjectAgents']['responses'][200]['content']['application/json'];
  };
  listProjectKnowledge: {
    params: operations['listProjectKnowledge']['parameters']['path'];
    query: NonNullable<operations['listProjectKnowledge']['parameters']['query']>;
    body?: undefined;
    answer: operations['listProjectKnowledge']['responses'][200]['content']['application/json'];
  };
  listProjectArtifacts: {
    params: operations['listProjectArtifacts']['parameters']['path'];
    query: NonNullable<operations['listProjectArtifacts']['parameters']['query']>;
    body?: undefined;
    answer: operations['listProjectArtifacts']['responses'][200]['content']['application/json'];
  };
  getProjectHistory: {
    params: operations['getProjectHistory']['parameters']['path'];
    query: NonNullable<operations['getProjectHistory']['parameters']['query']>;
    body?: undefined;
    answer: operations['getProjectHistory']['responses'][200]['content']['application/json'];
  };
  getRunHistory: {
    params: operations['getRunHistory']['parameters']['path'];
    query: NonNullable<operations['getRunHistory']['parameters']['query']>;
    body?: undefined;
    answer: operations['getRunHistory']['responses'][200]['content']['application/json'];
  };
  getTaskHistory: {
    params: operations['getTaskHistory']['parameters']['path'];
    query: NonNullable<operations['getTaskHistory']['parameters']['query']>;
    body?: undefined;
    answer: operations['getTaskHistory']['responses'][200]['content']['application/json'];
  };
  getAgentHistory: {
    params: operations['getAgentHistory']['parameters']['path'];
    query: NonNullable<operations['getAgentHistory']['parameters']['query']>;
    body?: undefined;
    answer: operations['getAgentHistory']['responses'][200]['content']['application/json'];
  };
  getRunState: {
    params: operations['getRunState']['parameters']['path'];
    query: NonNullable<operations['getRunState']['parameters']['query']>;
    body?: undefined;
    answer: operations['getRunState']['responses'][200]['content']['application/json'];
  };
  getRunDiff: {
    params: operations['getRunDiff']['parameters']['path'];
    query: NonNullable<operations['getRunDiff']['parameters']['query']>;
    body?: undefined;
    answer: operations['getRunDiff']['responses'][200]['content']['application/json'];
  };
  pauseRun: {
    params: operations['pauseRun']['parameters']['path'];
    query?: undefined;
    body: NonNullable<operations['pauseRun']['requestBody']>['content']['application/json'];
    answer: operations['pauseRun']['responses'][202]['content']['application/json'];
  };
  resumeRun: {
    params: operations['resumeRun']['parameters']['path'];
    query?: undefined;
    body?: undefined;
    answer: operations['resumeRun']['responses'][202]['content']['application/json'];
  };
  cancelRun: {
    params: operations['cancelRun']['parameters']['path'];
    query?: undefined;
    body: NonNullable<operations['cancelRun']['requestBody']>['content']['application/json'];
    answer: operations['cancelRun']['responses'][202]['content']['application/json'];
  };
  retryRun: {
    params: operations['retryRun']['parameters']['path'];
    query?: undefined;
    body: NonNullable<operations['retryRun']['requestBody']>['content']['application/json'];
    answer: operations['retryRun']['responses'][202]['content']['application/json'];
  };
  replanRun: {
    params: operations['replanRun']['parameters']['path'];
    query?: undefined;
    body?: undefined;
    answer: operations['replanRun']['responses'][202]['content']['application/json'];
  };
  listRuns: {
    params?: undefined;
    query: NonNullable<operations['listRuns']['parameters']['query']>;
    body?: undefined;
    answer: operations['listRuns']['responses'][200]['content']['application/json'];
  };
  getRun: {
    params: operations['getRun']['parameters']['path'];
    query: NonNullable<operations['getRun']['parameters']['query']>;
    body?: undefined;
    answer: operations['getRun']['responses'][200]['content']['application/json'];
  };
  getRunPlan: {
    params: operations['getRunPlan']['parameters']['path'];
    query: NonNullable<operations['getRunPlan']['parameters']['query']>;
    body?: undefined;
    answer: operations['getRunPlan']['responses'][200]['content']['application/json'];
  };
  listRunTasks: {
    params: operations['listRunTasks']['parameters']['path'];
    query: NonNullable<operations['listRunTasks']['parameters']['query']>;
    body?: undefined;
    answer: operations['listRunTasks']['responses'][200]['content']['application/json'];
  };
  listRunAgents: {
    params: operations['listRunAgents']['parameters']['path'];
    query: NonNullable<operations['listRunAgents']['parameters']['query']>;
    body?: undefined;
    answer: operations['listRunAgents']['responses'][200]['content']['application/json'];
  };
  listRunArtifacts: {
    params: operations['listRunArtifacts']['parameters']['path'];
    query: NonNullable<operations['listRunArtifacts']['parameters']['query']>;
    body?: undefined;
    answer: operations['listRunArtifacts']['responses'][200]['content']['application/json'];
  };
  listRunApprovals: {
    params: operations['listRunApprovals']['parameters']['path'];
    query: NonNullable<operations['listRunApprovals']['parameters']['query']>;
    body?: undefined;
    answer: operations['listRunApprovals']['responses'][200]['content']['application/json'];
  };
  getRunTimeline: {
    params: operations['getRunTimeline']['parameters']['path'];
    query: NonNullable<operations['getRunTimeline']['parameters']['query']>;
    body?: undefined;
    answer: operations['getRunTimeline']['responses'][200]['content']['application/json'];
  };
  getRunVerification: {
    params: operations['getRunVerification']['parameters']['path'];
    query: NonNullable<operations['getRunVerification']['parameters']['query']>;
    body?: undefined;
    answer: operations['getRunVerification']['responses'][200]['content']['application/json'];
  };
  getRunCost: {
    params: operations['getRunCost']['parameters']['path'];
    query: NonNullable<operations['getRunCost']['parameters']['query']>;
    body?: undefined;
    answer: operations['getRunCost']['responses'][200]['content']['application/json'];
  };
  retryTask: {
    params: operations['retryTask']['parameters']['path'];
    query?: undefined;
    body: NonNullable<operations['retryTask']['requestBody']>['content']['application/json'];
    answer: operations['retryTask']['responses'][202]['content']['application/json'];
  };
  approveTask: {
    params: operations['approveTask']['parameters']['path'];
    query?: undefined;
    body: NonNullable<operations['approveTask']['requestBody']>['content']['application/json'];
    answer: operations['approveTask']['responses'][202]['content']['application/json'];
  };
  cancelTask: {
    params: operations['cancelTask']['parameters']['path'];
    query?: undefined;
    body: NonNullable<operations['cancelTask']['requestBody']>['content']['application/json'];
    answer: operations['cancelTask']['responses'][202]['content']['application/json'];
  };
  runTaskChecks: {
    params: operations['runTaskChecks']['parameters']['path'];
    query?: undefined;
    body?: undefined;
    answer: operations['runTaskChecks']['responses'][202]['content']['application/json'];
  };
  commentTask: {
    params: operations['commentTask']['parameters']['path'];
    query?: undefined;
    body: NonNullable<operations['commentTask']['requestBody']>['content']['application/json'];
    answer: operations['commentTask']['responses'][202]['content']['application/json'];
  };
  listTaskComments: {
    params: operations['listTaskComments']['parameters']['path'];
    query: NonNullable<operations['listTaskComments']['parameters']['query']>;
    body?: undefined;
    answer: operations['listTaskComments']['responses'][200]['content']['application/json'];
  };
  getTask: {
    params: operations['getTask']['parameters']['path'];
    query: NonNullable<operations['getTask']['parameters']['query']>;
    body?: undefined;
    answer: operations['getTask']['responses'][200]['content']['application/json'];
  };
  listDeadLetters: {
    params?: undefined;
    query: NonNullable<operations['listDeadLetters']['parameters']['query']>;
    body?: undefined;
    answer: operations['listDeadLetters']['responses'][200]['content']['application/json'];
  };
  listAgents: {
    params?: undefined;
    query: NonNullable<operations['listAgents']['parameters']['query']>;
    body?: undefined;
    answer: operations['listAgents']['responses'][200]['content']['application/json'];
  };
  getAgent: {
    params: operations['getAgent']['parameters']['path'];
    query: NonNullable<operations['getAgent']['parameters']['query']>;
    body?: undefined;
    answer: operations['getAgent']['responses'][200]['content']['application/json'];
  };
  messageAgent: {
    params: operations['messageAgent']['parameters']['path'];
    query?: undefined;
    body: NonNullable<operations['messageAgent']['requestBody']>['content']['application/json'];
    answer: operations['messageAgent']['responses'][202]['content']['application/json'];
  };
  interruptAgent: {
    params: operations['interruptAgent']['parameters']['path'];
    query?: undefined;
    body: NonNullable<operations['interruptAgent']['requestBody']>['content']['application/json'];
    answer: operations['interruptAgent']['responses'][202]['content']['application/json'];
  };
  grantApproval: {
    params: operations['grantApproval']['parameters']['path'];
    query?: undefined;
    body: NonNullable<operations['grantApproval']['requestBody']>['content']['application/json'];
    answer: operations['grantApproval']['responses'][202]['content']['application/json'];
  };
  denyApproval: {
    params: operations['denyApproval']['parameters']['path'];
    query?: undefined;
    body: NonNullable<operations['denyApproval']['requestBody']>['content']['application/json'];
    answer: operations['denyApproval']['responses'][202]['content']['application/json'];
  };
  listApprovals: {
    params?: undefined;
    query: NonNullable<operations['listApprovals']['parameters']['query']>;
    body?: undefined;
    answer: operations['listApprovals']['responses'][200]['content']['application/json'];
  };
  getApproval: {
    params: operations['getApproval']['parameters']['path'];
    query: NonNullable<operations['getApproval']['parameters']['query']>;
    body?: undefined;
    answer: operations['getApproval']['responses'][200]['content']['application/json'];
  };
  getArtifact: {
    params: operations['getArtifact']['parameters']['path'];
    query: NonNullable<operations['getArtifact']['parameters']['query']>;
    body?: undefined;
    answer: operations['getArtifact']['responses'][200]['content']['application/json'];
  };
  listWorkflows: {
    params?: undefined;
    query: NonNullable<operations['listWorkflows']['parameters']['query']>;
    body?: undefined;
    answer: operations['listWorkflows']['responses'][200]['content']['application/json'];
  };
  publishWorkflow: {
    params?: undefined;
    query?: undefined;
    body: NonNullable<operations['publishWorkflow']['requestBody']>['content']['application/json'];
    answer: operations['publishWorkflow']['responses'][201]['content']['application/json'];
  };
  getWorkflow: {
    params: operations['getWorkflow']['parameters']['path'];
    query: NonNullable<operations['getWorkflow']['parameters']['query']>;
    body?: undefined;
    answer: operations['getWorkflow']['responses'][200]['content']['application/json'];
  };
  getWorkflowVersion: {
    params: operations['getWorkflowVersion']['parameters']['path'];
    query: NonNullable<operations['getWorkflowVersion']['parameters']['query']>;
    body?: undefined;
    answer: operations['getWorkflowVersion']['responses'][200]['content']['application/json'];
  };
  addKnowledge: {
    params?: undefined;
    query?: undefined;
    body: NonNullable<operations['addKnowledge']['requestBody']>['content']['application/json'];
    answer: operations['addKnowledge']['responses'][201]['content']['application/json'];
  };
  listKnowledge: {
    params?: undefined;
    query: NonNullable<operations['listKnowledge']['parameters']['query']>;
    body?: undefined;
    answer: operations['listKnowledge']['responses'][200]['content']['application/json'];
  };
  getKnowledge: {
    params: operations['getKnowledge']['parameters']['path'];
    query: NonNullable<operations['getKnowledge']['parameters']['query']>;
    body?: undefined;
    answer: operations['getKnowledge']['responses'][200]['content']['application/json'];
  };
  searchKnowledge: {
    params?: undefined;
    query: NonNullable<operations['searchKnowledge']['parameters']['query']>;
    body?: undefined;
    answer: operations['searchKnowledge']['responses'][200]['content']['application/json'];
  };
  getKnowledgeGraph: {
    params?: undefined;
    query: NonNullable<operations['getKnowledgeGraph']['parameters']['query']>;
    body?: undefined;
    answer: operations['getKnowledgeGraph']['responses'][200]['content']['application/json'];
  };
  rejectTask: {
    params: operations['rejectTask']['parameters']['path'];
    query?: undefined;
    body: NonNullable<operations['rejectTask']['requestBody']>['content']['application/json'];
    answer: operations['rejectTask']['responses'][202]['content']['application/json'];
  };
  getTaskConsumers: {
    params: operations['getTaskConsumers']['parameters']['path'];
    query: NonNullable<operations['getTaskConsumers']['parameters']['query']>;
    body?: undefined;
    answer: operations['getTaskConsumers']['responses'][200]['content']['application/json'];
  };
  retractKnowledge: {
    params: operations['retractKnowledge']['parameters']['path'];
    query?: undefined;
    body: NonNullable<operations['retractKnowledge']['requestBody']>['content']['application/json'];
    answer: operations['retractKnowledge']['responses'][202]['content']['application/json'];
  };
  getKnowledgeConsumers: {
    params: operations['getKnowledgeConsumers']['parameters']['path'];
    query: NonNullable<operations['getKnowledgeConsumers']['parameters']['query']>;
    body?: undefined;
    answer: operations['getKnowledgeConsumers']['responses'][200]['content']['application/json'];
  };
  listProjections: {
    params?: undefined;
    query: NonNullable<operations['listProjections']['parameters']['query']>;
    body?: undefined;
    answer: operations['listProjections']['responses'][200]['content']['application/json'];
  };
  rebuildProjection: {
    params: operations['rebuildProjection']['parameters']['path'];
    query?: undefined;
    body?: undefined;
    answer: operations['rebuildProjection']['responses'][202]['content']['application/json'];
  };
  getCosts: {
    params?: undefined;
    query: NonNullable<operations['getCosts']['parameters']['query']>;
    body?: undefined;
    answer: operations['getCosts']['responses'][200]['content']['application/json'];
  };
  getThroughput: {
    params?: undefined;
    query: NonNullable<operations['getThroughput']['parameters']['query']>;
    body?: undefined;
    answer: operations['getThroughput']['responses'][200]['content']['application/json'];
  };
  getAgentFigures: {
    params?: undefined;
    query: NonNullable<operations['getAgentFigures']['parameters']['query']>;
    body?: undefined;
    answer: operations['getAgentFigures']['responses'][200]['content']['application/json'];
  };
  getQuality: {
    params?: undefined;
    query: NonNullable<operations['getQuality']['parameters']['query']>;
    body?: undefined;
    answer: operations['getQuality']['responses'][200]['content']['application/json'];
  };
  getParallelism: {
    params?: undefined;
    query: NonNullable<operations['getParallelism']['parameters']['query']>;
    body?: undefined;
    answer: operations['getParallelism']['responses'][200]['content']['application/json'];
  };
  listExports: {
    params?: undefined;
    query: NonNullable<operations['listExports']['parameters']['query']>;
    body?: undefined;
    answer: operations['listExports']['responses'][200]['content']['application/json'];
  };
  getExportSchema: {
    params: operations['getExportSchema']['parameters']['path'];
    query: NonNullable<operations['getExportSchema']['parameters']['query']>;
    body?: undefined;
    answer: operations['getExportSchema']['responses'][200]['content']['application/json'];
  };
  exportNdjson: {
    params: operations['exportNdjson']['parameters']['path'];
    query: NonNullable<operations['exportNdjson']['parameters']['query']>;
    body?: undefined;
    answer: ByteAnswer;
  };
  exportCsv: {
    params: operations['exportCsv']['parameters']['path'];
    query: NonNullable<operations['exportCsv']['parameters']['query']>;
    body?: undefined;
    answer: ByteAnswer;
  };
  exportParquet: {
    params: operations['exportParquet']['parameters']['path'];
    query: NonNullable<operations['exportParquet']['parameters']['query']>;
    body?: undefined;
    answer: ByteAnswer;
  };
  exportAuditNdjson: {
    params?: undefined;
    query: NonNullable<operations['exportAuditNdjson']['parameters']['query']>;
    body?: undefined;
    answer: ByteAnswer;
  };
  exportAuditCsv: {
    params?: undefined;
    query: NonNullable<operations['exportAuditCsv']['parameters']['query']>;
    body?: undefined;
    answer: ByteAnswer;
  };
  exportAuditParquet: {
    params?: undefined;
    query: NonNullable<operations['exportAuditParquet']['parameters']['query']>;
    body?: undefined;
    answer: ByteAnswer;
  };
  forkRun: {
    params: operations['forkRun']['parameters']['path'];
    query?: undefined;
    body: NonNullable<operations['forkRun']['requestBody']>['content']['application/json'];
    answer: operations['forkRun']['responses'][201]['content']['application/json'];
  };
  createApiKey: {
    params?: undefined;
    query?: undefined;
    body: NonNullable<operations['createApiKey']['requestBody']>['content']['application/json'];
    answer: operations['createApiKey']['responses'][201]['content']['application/json'];
  };
  listApiKeys: {
    params?: undefined;
    query: NonNullable<operations['listApiKeys']['parameters']['query']>;
    body?: undefined;
    answer: operations['listApiKeys']['responses'][200]['content']['application/json'];
  };
  revokeApiKey: {
    params: operations['revokeApiKey']['parameters']['path'];
    query?: undefined;
    body?: undefined;
    answer: operations['revokeApiKey']['responses'][200]['content']['application/json'];
  };
  createOrganization: {
    params?: undefined;
    query?: undefined;
    body: NonNullable<operations['createOrganization']['requestBody']>['content']['application/json'];
    answer: operations['createOrganization']['responses'][201]['content']['application/json'];
  };
  listOrganizations: {
    params?: undefined;
    query: NonNullable<operations['listOrganizations']['parameters']['query']>;
    body?: undefined;
    answer: operations['listOrganizations']['responses'][200]['content']['application/json'];
  };
  getOrganization: {
    params: operations['getOrganization']['parameters']['path'];
    query: NonNullable<operations['getOrganization']['parameters']['query']>;
    body?: undefined;
    answer: operations['getOrganization']['responses'][200]['content']['application/json'];
  };
  changeOrganization: {
    params: operations['changeOrganization']['parameters']['path'];
    query?: undefined;
    body: NonNullable<operations['changeOrganization']['requestBody']>['content']['application/json'];
    answer: operations['changeOrganization']['responses'][200]['content']['application/json'];
  };
  addMember: {
    params: operations['addMember']['parameters']['path'];
    query?: undefined;
    body: NonNullable<operations['addMember']['requestBody']>['content']['application/json'];
    answer: operations['addMember']['responses'][201]['content']['application/json'];
  };
  listMembers: {
    params: operations['listMembers']['parameters']['path'];
    query: NonNullable<operations['listMembers']['parameters']['query']>;
    body?: undefined;
    answer: operations['listMembers']['responses'][200]['content']['application/json'];
  };
  changeMember: {
    params: operations['changeMember']['parameters']['path'];
    query?: undefined;
    body: NonNullable<operations['changeMember']['requestBody']>['content']['application/json'];
    answer: operations['changeMember']['responses'][200]['content']['application/json'];
  };
  removeMember: {
    params: operations['removeMember']['parameters']['path'];
    query?: undefined;
    body?: undefined;
    answer: operations['removeMember']['responses'][200]['content']['application/json'];
  };
  listAudit: {
    params?: undefined;
    query: NonNullable<operations['listAudit']['parameters']['query']>;
    body?: undefined;
    answer: operations['listAudit']['responses'][200]['content']['application/json'];
  };
  declareSubject: {
    params?: undefined;
    query?: undefined;
    body: NonNullable<operations['declareSubject']['requestBody']>['content']['application/json'];
    answer: operations['declareSubject']['responses'][201]['content']['application/json'];
  };
  listSubjects: {
    params?: undefined;
    query: NonNullable<operations['listSubjects']['parameters']['query']>;
    body?: undefined;
    answer: operations['listSubjects']['responses'][200]['content']['application/json'];
  };
  getSubject: {
    params: operations['getSubject']['parameters']['path'];
    query: NonNullable<operations['getSubject']['parameters']['query']>;
    body?: undefined;
    answer: operations['getSubject']['responses'][200]['content']['application/json'];
  };
  eraseSubject: {
    params: operations['eraseSubject']['parameters']['path'];
    query?: undefined;
    body?: undefined;
    answer: operations['eraseSubject']['responses'][200]['content']['application/json'];
  };
  createWebhook: {
    params?: undefined;
    query?: undefined;
    body: NonNullable<operations['createWebhook']['requestBody']>['content']['application/json'];
    answer: operations['createWebhook']['responses'][201]['content']['application/json'];
  };
  listWebhooks: {
    params?: undefined;
    query: NonNullable<operations['listWebhooks']['parameters']['query']>;
    body?: undefined;
    answer: operations['listWebhooks']['responses'][200]['content']['application/json'];
  };
  getWebhook: {
    params: operations['getWebhook']['parameters']['path'];
    query: NonNullable<operations['getWebhook']['parameters']['query']>;
    body?: undefined;
    answer: operations['getWebhook']['responses'][200]['content']['application/json'];
  };
  changeWebhook: {
    params: operations['changeWebhook']['parameters']['path'];
    query?: undefined;
    body: NonNullable<operations['changeWebhook']['requestBody']>['content']['application/json'];
    answer: operations['changeWebhook']['responses'][200]['content']['application/json'];
  };
  removeWebhook: {
    params: operations['removeWebhook']['parameters']['path'];
    query?: undefined;
    body?: undefined;
    answer: operations['removeWebhook']['responses'][200]['content']['application/json'];
  };
  listWebhookDeliveries: {
    params: operations['listWebhookDeliveries']['parameters']['path'];
    query: NonNullable<operations['listWebhookDeliveries']['parameters']['query']>;
    body?: undefined;
    answer: operations['listWebhookDeliveries']['responses'][200]['content']['application/json'];
  };
  testWebhook: {
    params: operations['testWebhook']['parameters']['path'];
    query?: undefined;
    body?: undefined;
    answer: operations['testWebhook']['responses'][202]['content']['application/json'];
  };
  redeliverWebhook: {
    params: operations['redeliverWebhook']['parameters']['path'];
    query?: undefined;
    body?: undefined;
    answer: operations['redeliverWebhook']['responses'][202]['content']['application/json'];
  };
  rotateWebhookSecret: {
    params: operations['rotateWebhookSecret']['parameters']['path'];
    query?: undefined;
    body?: undefined;
    answer: operations['rotateWebhookSecret']['responses'][200]['content']['application/json'];
  };
  reportCiResult: {
    params: operations['reportCiResult']['parameters']['path'];
    query?: undefined;
    body: NonNullable<operations['reportCiResult']['requestBody']>['content']['application/json'];
    answer: operations['reportCiResult']['responses'][202]['content']['application/json'];
  };
  verifyAudit: {
    params?: undefined;
    query: NonNullable<operations['verifyAudit']['parameters']['query']>;
    body?: undefined;
    answer: operations['verifyAudit']['responses'][200]['content']['application/json'];
  };
  exportRunBundle: {
    params: operations['exportRunBundle']['parameters']['path'];
    query?: undefined;
    body?: undefined;
    answer: ByteAnswer;
  };
  verifyBundle: {
    params?: undefined;
    query?: undefined;
    body: ByteBody;
    answer: operations['verifyBundle']['responses'][200]['content']['application/json'];
  };
  importBundle: {
    params?: undefined;
    query: NonNullable<operations['importBundle']['parameters']['query']>;
    body: ByteBody;
    answer: operations['importBundle']['responses'][200]['content']['application/json'];
  };
  explainLine: {
    params?: undefined;
    query: NonNullable<operations['explainLine']['parameters']['query']>;
    body?: undefined;
    answer: operations['explainLine']['responses'][200]['content']['application/json'];
  };
  getCodeDifference: {
    params: operations['getCodeDifference']['parameters']['path'];
    query: NonNullable<operations['getCodeDifference']['parameters']['query']>;
    body?: undefined;
    answer: operations['getCodeDifference']['responses'][200]['content']['application/json'];
  };
  replayRun: {
    params: operations['replayRun']['parameters']['path'];
    query: NonNullable<operations['replayRun']['parameters']['query']>;
    body?: undefined;
    answer: operations['replayRun']['responses'][200]['content']['application/json'];
  };
  replayRunDecisions: {
    params: operations['replayRunDecisions']['parameters']['path'];
    query: NonNullable<operations['replayRunDecisions']['parameters']['query']>;
    body?: undefined;
    answer: operations['replayRunDecisions']['responses'][200]['content']['application/json'];
  };
  replayRunPlanning: {
    params: operations['replayRunPlanning']['parameters']['path'];
    query: NonNullable<operations['replayRunPlanning']['parameters']['query']>;
    body?: undefined;
    answer: operations['replayRunPlanning']['responses'][200]['content']['application/json'];
  };
  replayRunAgents: {
    params: operations['replayRunAgents']['parameters']['path'];
    query: NonNullable<operations['replayRunAgents']['parameters']['query']>;
    body?: undefined;
    answer: operations['replayRunAgents']['responses'][200]['content']['application/json'];
  };
  compareRuns: {
    params: operations['compareRuns']['parameters']['path'];
    query: NonNullable<operations['compareRuns']['parameters']['query']>;
    body?: undefined;
    answer: operations['compareRuns']['responses'][200]['content']['application/json'];
  };
  backtestPolicy: {
    params?: undefined;
    query?: undefined;
    body: NonNullable<operations['backtestPolicy']['requestBody']>['content']['application/json'];
    answer: operations['backtestPolicy']['responses'][200]['content']['application/json'];
  };
}

export const routes = {
  createProject: {"method":"POST","path":"/api/v1/projects","takesBody":true},
  listProjects: {"method":"GET","path":"/api/v1/projects"},
  updateProject: {"method":"PATCH","path":"/api/v1/projects/{id}","takesBody":true},
  removeProject: {"method":"DELETE","path":"/api/v1/projects/{id}"},
  getProject: {"method":"GET","path":"/api/v1/projects/{id}"},
  reviseProjectPrd: {"method":"PUT","path":"/api/v1/projects/{id}/prd","takesBody":true},
  cloneProject: {"method":"POST","path":"/api/v1/projects/{id}/clone","takesBody":true},
  pauseProject: {"method":"POST","path":"/api/v1/projects/{id}/pause","takesBody":true},
  resumeProject: {"method":"POST","path":"/api/v1/projects/{id}/resume"},
  cancelProject: {"method":"POST","path":"/api/v1/projects/{id}/cancel","takesBody":true},
  archiveProject: {"method":"POST","path":"/api/v1/projects/{id}/archive"},
  listProjectRuns: {"method":"GET","path":"/api/v1/projects/{id}/runs"},
  startRun: {"method":"POST","path":"/api/v1/projects/{id}/runs","takesBody":true},
  listProjectTasks: {"method":"GET","path":"/api/v1/projects/{id}/tasks"},
  listProjectAgents: {"method":"GET","path":"/api/v1/projects/{id}/agents"},
  listProjectKnowledge: {"method":"GET","path":"/api/v1/projects/{id}/knowledge"},
  listProjectArtifacts: {"method":"GET","path":"/api/v1/projects/{id}/artifacts"},
  getProjectHistory: {"method":"GET","path":"/api/v1/projects/{id}/history"},
  getRunHistory: {"method":"GET","path":"/api/v1/runs/{id}/history"},
  getTaskHistory: {"method":"GET","path":"/api/v1/tasks/{id}/history"},
  getAgentHistory: {"method":"GET","path":"/api/v1/agents/{id}/history"},
  getRunState: {"method":"GET","path":"/api/v1/runs/{id}/state"},
  getRunDiff: {"method":"GET","path":"/api/v1/runs/{id}/diff"},
  pauseRun: {"method":"POST","path":"/api/v1/runs/{id}/pause","takesBody":true},
  resumeRun: {"method":"POST","path":"/api/v1/runs/{id}/resume"},
  cancelRun: {"method":"POST","path":"/api/v1/runs/{id}/cancel","takesBody":true},
  retryRun: {"method":"POST","path":"/api/v1/runs/{id}/retry","takesBody":true},
  replanRun: {"method":"POST","path":"/api/v1/runs/{id}/replan"},
  listRuns: {"method":"GET","path":"/api/v1/runs"},
  getRun: {"method":"GET","path":"/api/v1/runs/{id}"},
  getRunPlan: {"method":"GET","path":"/api/v1/runs/{id}/plan"},
  listRunTasks: {"method":"GET","path":"/api/v1/runs/{id}/tasks"},
  listRunAgents: {"method":"GET","path":"/api/v1/runs/{id}/agents"},
  listRunArtifacts: {"method":"GET","path":"/api/v1/runs/{id}/artifacts"},
  listRunApprovals: {"method":"GET","path":"/api/v1/runs/{id}/approvals"},
  getRunTimeline: {"method":"GET","path":"/api/v1/runs/{id}/timeline"},
  getRunVerification: {"method":"GET","path":"/api/v1/runs/{id}/verification"},
  getRunCost: {"method":"GET","path":"/api/v1/runs/{id}/cost"},
  retryTask: {"method":"POST","path":"/api/v1/tasks/{id}/retry","takesBody":true},
  approveTask: {"method":"POST","path":"/api/v1/tasks/{id}/approve","takesBody":true},
  cancelTask: {"method":"POST","path":"/api/v1/tasks/{id}/cancel","takesBody":true},
  runTaskChecks: {"method":"POST","path":"/api/v1/tasks/{id}/run-qa"},
  commentTask: {"method":"POST","path":"/api/v1/tasks/{id}/comments","takesBody":true},
  listTaskComments: {"method":"GET","path":"/api/v1/tasks/{id}/comments"},
  getTask: {"method":"GET","path":"/api/v1/tasks/{id}"},
  listDeadLetters: {"method":"GET","path":"/api/v1/dead-letters"},
  listAgents: {"method":"GET","path":"/api/v1/agents"},
  getAgent: {"method":"GET","path":"/api/v1/agents/{id}"},
  messageAgent: {"method":"POST","path":"/api/v1/agents/{id}/messages","takesBody":true},
  interruptAgent: {"method":"POST","path":"/api/v1/agents/{id}/interrupt","takesBody":true},
  grantApproval: {"method":"POST","path":"/api/v1/approvals/{id}/grant","takesBody":true},
  denyApproval: {"method":"POST","path":"/api/v1/approvals/{id}/deny","takesBody":true},
  listApprovals: {"method":"GET","path":"/api/v1/approvals"},
  getApproval: {"method":"GET","path":"/api/v1/approvals/{id}"},
  getArtifact: {"method":"GET","path":"/api/v1/artifacts/{id}"},
  listWorkflows: {"method":"GET","path":"/api/v1/workflows"},
  publishWorkflow: {"method":"POST","path":"/api/v1/workflows","takesBody":true},
  getWorkflow: {"method":"GET","path":"/api/v1/workflows/{name}"},
  getWorkflowVersion: {"method":"GET","path":"/api/v1/workflows/{name}/versions/{version}"},
  addKnowledge: {"method":"POST","path":"/api/v1/knowledge/nodes","takesBody":true},
  listKnowledge: {"method":"GET","path":"/api/v1/knowledge/nodes"},
  getKnowledge: {"method":"GET","path":"/api/v1/knowledge/nodes/{id}"},
  searchKnowledge: {"method":"GET","path":"/api/v1/knowledge/search"},
  getKnowledgeGraph: {"method":"GET","path":"/api/v1/knowledge/graph"},
  rejectTask: {"method":"POST","path":"/api/v1/tasks/{id}/reject","takesBody":true},
  getTaskConsumers: {"method":"GET","path":"/api/v1/tasks/{id}/consumers"},
  retractKnowledge: {"method":"POST","path":"/api/v1/knowledge/nodes/{id}/retract","takesBody":true},
  getKnowledgeConsumers: {"method":"GET","path":"/api/v1/knowledge/nodes/{id}/consumers"},
  listProjections: {"method":"GET","path":"/api/v1/projections"},
  rebuildProjection: {"method":"POST","path":"/api/v1/projections/{id}/rebuild"},
  getCosts: {"method":"GET","path":"/api/v1/analytics/costs"},
  getThroughput: {"method":"GET","path":"/api/v1/analytics/throughput"},
  getAgentFigures: {"method":"GET","path":"/api/v1/analytics/agents"},
  getQuality: {"method":"GET","path":"/api/v1/analytics/quality"},
  getParallelism: {"method":"GET","path":"/api/v1/analytics/parallelism"},
  listExports: {"method":"GET","path":"/api/v1/exports"},
  getExportSchema: {"method":"GET","path":"/api/v1/exports/{model}/schema"},
  exportNdjson: {"method":"GET","path":"/api/v1/exports/{model}.ndjson","answers":["application/x-ndjson"]},
  exportCsv: {"method":"GET","path":"/api/v1/exports/{model}.csv","answers":["text/csv"]},
  exportParquet: {"method":"GET","path":"/api/v1/exports/{model}.parquet","answers":["application/vnd.apache.parquet"]},
  exportAuditNdjson: {"method":"GET","path":"/api/v1/exports/audit.ndjson","answers":["application/x-ndjson"]},
  exportAuditCsv: {"method":"GET","path":"/api/v1/exports/audit.csv","answers":["text/csv"]},
  exportAuditParquet: {"method":"GET","path":"/api/v1/exports/audit.parquet","answers":["application/vnd.apache.parquet"]},
  forkRun: {"method":"POST","path":"/api/v1/runs/{id}/fork","takesBody":true},
  createApiKey: {"method":"POST","path":"/api/v1/api-keys","takesBody":true},
  listApiKeys: {"method":"GET","path":"/api/v1/api-keys"},
  revokeApiKey: {"method":"DELETE","path":"/api/v1/api-keys/{id}"},
  createOrganization: {"method":"POST","path":"/api/v1/organizations","takesBody":true},
  listOrganizations: {"method":"GET","path":"/api/v1/organizations"},
  getOrganization: {"method":"GET","path":"/api/v1/organizations/{id}"},
  changeOrganization: {"method":"PATCH","path":"/api/v1/organizations/{id}","takesBody":true},
  addMember: {"method":"POST","path":"/api/v1/organizations/{id}/members","takesBody":true},
  listMembers: {"method":"GET","path":"/api/v1/organizations/{id}/members"},
  changeMember: {"method":"PATCH","path":"/api/v1/organizations/{id}/members/{memberId}","takesBody":true},
  removeMember: {"method":"DELETE","path":"/api/v1/organizations/{id}/members/{memberId}"},
  listAudit: {"method":"GET","path":"/api/v1/audit"},
  declareSubject: {"method":"POST","path":"/api/v1/subjects","takesBody":true},
  listSubjects: {"method":"GET","path":"/api/v1/subjects"},
  getSubject: {"method":"GET","path":"/api/v1/subjects/{id}"},
  eraseSubject: {"method":"DELETE","path":"/api/v1/subjects/{id}"},
  createWebhook: {"method":"POST","path":"/api/v1/webhooks","takesBody":true},
  listWebhooks: {"method":"GET","path":"/api/v1/webhooks"},
  getWebhook: {"method":"GET","path":"/api/v1/webhooks/{id}"},
  changeWebhook: {"method":"PATCH","path":"/api/v1/webhooks/{id}","takesBody":true},
  removeWebhook: {"method":"DELETE","path":"/api/v1/webhooks/{id}"},
  listWebhookDeliveries: {"method":"GET","path":"/api/v1/webhooks/{id}/deliveries"},
  testWebhook: {"method":"POST","path":"/api/v1/webhooks/{id}/test"},
  redeliverWebhook: {"method":"POST","path":"/api/v1/webhooks/{id}/deliveries/{delivery}/redeliver"},
  rotateWebhookSecret: {"method":"POST","path":"/api/v1/webhooks/{id}/secret/rotate"},
  reportCiResult: {"method":"POST","path":"/api/v1/runs/{id}/ci-results","takesBody":true},
  verifyAudit: {"method":"GET","path":"/api/v1/audit/verify"},
  exportRunBundle: {"method":"GET","path":"/api/v1/runs/{id}/bundle","answers":["application/x-tar"]},
  verifyBundle: {"method":"POST","path":"/api/v1/bundles/verify","takesBody":true},
  importBundle: {"method":"POST","path":"/api/v1/bundles","takesBody":true},
  explainLine: {"method":"GET","path":"/api/v1/why"},
  getCodeDifference: {"method":"GET","path":"/api/v1/runs/{id}/code-difference/{other}"},
  replayRun: {"method":"GET","path":"/api/v1/runs/{id}/replay"},
  replayRunDecisions: {"method":"GET","path":"/api/v1/runs/{id}/replay/decisions"},
  replayRunPlanning: {"method":"GET","path":"/api/v1/runs/{id}/replay/planning"},
  replayRunAgents: {"method":"GET","path":"/api/v1/runs/{id}/replay/agents"},
  compareRuns: {"method":"GET","path":"/api/v1/runs/{id}/compare/{other}"},
  backtestPolicy: {"method":"POST","path":"/api/v1/backtests","takesBody":true},
} as const;
