import grpc from "@pulumi/pulumi/proto/language_grpc_pb.js";
import { serve } from "../providers/base/grpc-server.ts";
import { endWithParent } from "../providers/base/parent.ts";
import { killChildren } from "./child.ts";
import { languageRuntime } from "./language-runtime.ts";

endWithParent(killChildren);
await serve(grpc.LanguageRuntimeService, languageRuntime(process.argv[2] ?? ""));
