import type { SandboxMethods } from "../contract/sandbox";
import { serve } from "../wire/serve";
import { sandboxHandlers } from "./handlers";

serve<SandboxMethods>(
  () => sandboxHandlers(),
  () => undefined,
);
