#!/bin/bash
# The first process of a node: it makes the node's private mounts, keeps the node's processes running and, as process 1
# of their namespace, takes all of them with it when it ends.   usage: init.sh CLUSTER_FOLDER GROUP_FILE
set -u
cd "$1"
echo 0 >"$2" # into the node's control group, with all that follows

mount --make-rshared /     # kubelet and runc want shared propagation inside the node
mount -t tmpfs tmpfs /run  # sockets, locks and network namespaces of this node alone
mkdir -p /run/lock /run/netns
# Two kubelets on one machine would clean up each other's files here.
for dir in /var/log /var/lib/cni /var/lib/kubelet; do
  mkdir -p "$dir" "private$dir"
  mount --bind "private$dir" "$dir"
done

pids=()
keep() { # NAME: runs processes/NAME, and again whenever it ends
  local name=$1 child= ending=
  trap 'ending=yes; kill -TERM "$child" 2>/dev/null' TERM
  until [ -n "$ending" ]; do
    "./processes/$name" >>"logs/$name.log" 2>&1 &
    child=$!
    echo "$child" >"processes/$name.pid"
    wait "$child"
    local code=$?
    [ -z "$ending" ] && echo "init: $name ended with code $code, starting it again" >>"logs/$name.log" && sleep 0.5
  done
  wait "$child"
}

end() {
  trap '' TERM INT
  kill -TERM "${pids[@]}" 2>/dev/null
  kill -KILL "$(<processes/kube-apiserver.pid)" 2>/dev/null # or etcd waits for its clients
  wait "${pids[0]}"                                         # etcd closes its files; the rest ends with this process
  exit 0
}
trap end TERM INT

for name in $(<processes/at-once); do keep "$name" & pids+=($!); done
until [ -e processes/api-is-ready ]; do sleep 0.05; done
for name in $(<processes/after-api); do keep "$name" & pids+=($!); done
while :; do wait; sleep 1 & wait $!; done
