import { at, textAt } from "../look.ts";
import type { ResourceCheck, Topic } from "../model.ts";
import { type Container, containersOf, eachContainer } from "./objects.ts";

const imageOf = ({ spec }: Container): string => textAt(spec, "image");
const isPinned = (image: string): boolean => /@sha256:[0-9a-f]{64}$/.test(image);
const tagOf = (image: string): string => /:([^/:@]+)(@|$)/.exec(image)?.[1] ?? "";

/** The first part names a registry only if it looks like a host; else it is a name on Docker Hub. */
const registryOf = (image: string): string => {
  const [first = "", ...rest] = image.split("/");
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : "docker.io";
};

/** What runs is what was reviewed. */
export const images: Topic<ResourceCheck> = {
  name: "kubernetes-images",
  description: "What runs is what was reviewed",
  checks: [
    {
      id: "KB-22",
      title: "no image without a tag or digest, none called latest",
      why: "nobody can tell what runs, nor go back to it",
      requirement: "Kubescape C-0075",
      find: eachContainer((container) => {
        const image = imageOf(container);
        const isLoose = !isPinned(image) && ["", "latest"].includes(tagOf(image));
        return isLoose && `the image ${image || "(none)"} says no version`;
      }),
    },
    {
      id: "KB-23",
      title: "images are pinned by digest",
      why: "a tag can move to another image behind everyone's back",
      requirement: "Checkov CKV_K8S_43",
      find: eachContainer(
        (container) =>
          !isPinned(imageOf(container)) && `the image ${imageOf(container) || "(none)"} has no @sha256 digest`,
      ),
    },
    {
      id: "KB-24",
      title: "images come from trusted registries",
      why: "anybody can push anything to the others",
      requirement: "Trivy KSV-0125",
      find: (resource, { registries }) =>
        registries.length === 0
          ? []
          : containersOf(resource)
              .filter((container) => !registries.includes(registryOf(imageOf(container))))
              .map(
                (container) =>
                  `container ${container.name}: ${registryOf(imageOf(container))} is not trusted; trusted are ${registries.join(", ")}`,
              ),
    },
    {
      id: "KB-25",
      title: "what isn't pinned is pulled anew",
      why: "an old image with the same tag may lie on the node",
      requirement: "Checkov CKV_K8S_15",
      find: eachContainer(
        (container) =>
          !isPinned(imageOf(container)) &&
          at(container.spec, "imagePullPolicy") !== "Always" &&
          "imagePullPolicy has to be Always without a digest",
      ),
    },
  ],
};
