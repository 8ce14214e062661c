// conformance kits: a port's implementation proves itself
export { eventLogConformance, type EventLogSubject } from "./event-log-conformance.js";
export { fileSystemConformance, type FileSystemSubject } from "./file-system-conformance.js";
export { roleLockConformance, type RoleLockSubject } from "./role-lock-conformance.js";
export { sinkConformance, type SinkSubject } from "./sink-conformance.js";
export { sqlEngineConformance, type SqlEngineSubject } from "./sql-engine-conformance.js";
export { storeTestView, viewStoreConformance, type ViewStoreSubject } from "./view-store-conformance.js";
export { workerGroupConformance, type WorkerGroupSubject } from "./worker-group-conformance.js";
export type { It, Subject, Waivers } from "./law.js";
// faults: crash points of whatever works through ports
export { faultPlan, InjectedFaultError, type CountedCall, type Fault, type FaultAt, type FaultPlan, type FaultPlanOptions } from "./fault-plan.js";
export { faulty } from "./faulty.js";
// measures: the laws of a measure of your own, and the plainest fold as an oracle
export { measureLaws, type MeasureLawsOptions } from "./measure-laws.js";
export { naiveFold, type Below, type NaiveFold } from "./naive-fold.js";
// whole lambdas: laws 2 to 7 over random histories with crashes
export { lambdaLaws, type CrashPoint, type LambdaLawsOptions, type LambdaSubject, type LawRecord, type WholeAnswer } from "./lambda-laws.js";
export { foldCells, insideRow, passes, type InsideRow, type PresentedRow } from "./fold-cells.js";
