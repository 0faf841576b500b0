import { generateKeyPairSync } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import type { ClusterRecord } from "./record";

/** The bearer tokens and the key that signs ServiceAccounts' tokens. */
export function writeCredentials(record: ClusterRecord, directory: string): void {
  fs.writeFileSync(
    path.join(directory, "tokens.csv"),
    `${record.adminToken},kubernetes-admin,kubernetes-admin,system:masters\n` +
      `${record.controllerToken},system:kube-controller-manager,controller,system:masters\n`,
    { mode: 0o600 },
  );
  const keyFile = path.join(directory, "service-account.key");
  if (fs.existsSync(keyFile)) return;
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  fs.writeFileSync(keyFile, privateKey.export({ type: "pkcs1", format: "pem" }), { mode: 0o600 });
}

/** Flags of etcd: one member, on loopback. Not flushing each write to disk makes it some ten times faster. */
export function etcdFlags({ ports }: ClusterRecord, directory: string): string[] {
  const client = `http://127.0.0.1:${ports.etcd}`;
  const peer = `http://127.0.0.1:${ports.etcdPeer}`;
  return [
    `--data-dir=${path.join(directory, "etcd")}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    "--unsafe-no-fsync",
    "--log-level=warn",
  ];
}

/** Flags of the API server. Admission, validation and authorization are as EKS has them; caches are left out. */
export function apiServerFlags(record: ClusterRecord, directory: string, emulated: string | undefined): string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${record.ports.etcd}`,
    `--secure-port=${record.ports.api}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    `--cert-dir=${path.join(directory, "certificates")}`,
    `--service-account-key-file=${path.join(directory, "service-account.key")}`,
    `--service-account-signing-key-file=${path.join(directory, "service-account.key")}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    `--token-auth-file=${path.join(directory, "tokens.csv")}`,
    "--authorization-mode=RBAC",
    `--service-cluster-ip-range=${record.serviceCidr}`,
    ...(emulated ? [`--emulated-version=${emulated}`] : []),
    // As on EKS: whether a pod may be privileged is for its namespace's Pod Security level to say.
    "--allow-privileged=true",
    "--watch-cache=false",
    "--profiling=false",
    "--endpoint-reconciler-type=none",
    "--enable-priority-and-fairness=false",
  ];
}
