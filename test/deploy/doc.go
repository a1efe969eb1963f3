// Package deploy tests the Dockerfile and the Helm chart without a container
// engine and without a cluster: it checks the output of BuildKit and Helm, and
// runs the exporter in the file system of the image, with the flags, files and
// permissions that Kubernetes would give it.
package deploy
