export class ReliefPage {}
