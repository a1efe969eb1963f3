// Package deploy tests the Dockerfile and the Helm chart without a container
// engine and without a cluster: what BuildKit and Helm make of them, and the
// exporter itself in a file system that has what the image has, with the flags,
// files and rights that Kubernetes would give it.
package deploy
