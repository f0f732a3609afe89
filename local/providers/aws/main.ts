import { startProvider } from "../base/start.ts";
import { AwsProvider } from "./aws-provider.ts";

await startProvider("aws", new AwsProvider());
