import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { VitrineError, fail } from "../../contract/errors";
import type { CallContext } from "../../contract/method";
import type { DownloadProgress } from "../../contract/model";

interface Params {
  uri: string;
  folder: string;
  sha256?: string;
}

/**
 * Downloads a model into a folder with node-llama-cpp's downloader, which goes on where a broken or cancelled download
 * stopped. What arrives is checked: against the checksum where one is known, and by `checkFile`, which throws.
 */
export async function download(
  { uri, folder, sha256 }: Params,
  { signal, progress }: CallContext<DownloadProgress>,
  checkFile: (file: string) => void,
): Promise<{ file: string }> {
  check(uri, folder, sha256);
  await mkdir(folder, { recursive: true });
  // Imported here alone: it takes longer to load than the engine to start.
  const { createModelDownloader } = await import("node-llama-cpp");
  let file: string;
  try {
    const downloader = await createModelDownloader({
      modelUri: uri,
      dirPath: folder,
      skipExisting: true,
      deleteTempFileOnCancel: false,
      onProgress: ({ downloadedSize, totalSize }) => progress({ received: downloadedSize, total: totalSize }),
    });
    signal.throwIfAborted();
    file = await downloader.download({ signal });
  } catch (error) {
    if (signal.aborted) throw new VitrineError({ code: "cancelled", message: "The download was stopped." }, error);
    const message = error instanceof Error ? error.message : String(error);
    fail("network", `The model could not be downloaded: ${message}.`, {
      remedy: "Check the connection and try again; it goes on where it stopped.",
      cause: error,
    });
  }
  await verify(file, sha256);
  checkFile(file);
  return { file };
}

function check(uri: string, folder: string, sha256: string | undefined): void {
  if (!/^(hf:|https:\/\/)/.test(uri)) {
    fail("badArgument", `'${uri}' is no model address: it begins with hf: or https://.`);
  }
  if (!path.isAbsolute(folder)) fail("badArgument", "The folder for models must be given in full.");
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256)) fail("badArgument", "That is no SHA-256 checksum.");
}

async function verify(file: string, sha256: string | undefined): Promise<void> {
  if (sha256 !== undefined) {
    const hash = createHash("sha256");
    for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
    if (hash.digest("hex") !== sha256.toLowerCase()) {
      await rm(file, { force: true });
      fail("damagedFile", "The downloaded file does not have the checksum it should have; it was removed.", {
        remedy: "Download it again.",
      });
    }
  }
}
