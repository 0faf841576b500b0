import { guarded, program } from "@selfhosted/common";
import { readEscConfig } from "./config";
import { makeMetadataBucket } from "./metadataBucket";

export = program("esc", async () => {
  const config = await readEscConfig();
  return guarded(config.settings.protect, () => ({
    metadataBucketName: config.given.metadataBucketName ?? makeMetadataBucket(config),
  }));
});
