// The contract is plain types with neither Node nor a browser in sight. The one global word it borrows is AbortSignal, which each
// room that imports the contract takes from its own platform.
interface AbortSignal {
  readonly aborted: boolean;
}
