"""Beside each member: tells Prometheus how it is, and has a copy that can't be trusted made anew from the leader."""
import base64
import http.server
import json
import os
import ssl
import subprocess
import threading
import time
import urllib.request

import psycopg2

NAME = os.environ["NAME"]
SCOPE = os.environ["SCOPE"]
MEMBER = os.environ.get("MEMBER", "localhost")
PORT = int(os.environ["PORT"])
TLS = "/tls"
VOLUME = "/pgdata"
BACKUPS = "/etc/pgbackrest/pgbackrest.conf"

# Names as other exporters have them, so that other people's dashboards work too.
SERVER = """select
    (select count(*) from pg_stat_activity where backend_type = 'client backend') as pg_stat_activity_count,
    current_setting('max_connections')::int as pg_settings_max_connections,
    current_setting('superuser_reserved_connections')::int as pg_settings_superuser_reserved_connections,
    pg_is_in_recovery()::int as pg_replication_is_replica,
    case when not pg_is_in_recovery() then 0
         when exists (select from pg_stat_wal_receiver where status = 'streaming')
              and pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0
         else extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()) end as pg_replication_lag_seconds,
    (select archived_count from pg_stat_archiver) as pg_stat_archiver_archived_count,
    (select failed_count from pg_stat_archiver) as pg_stat_archiver_failed_count,
    (select (not pg_is_in_recovery() and coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false))::int
         from pg_stat_archiver) as rampart_postgres_archive_failing,
    (select sum(checksum_failures) from pg_stat_database) as pg_stat_database_checksum_failures"""

# A member in one of these has no server and isn't about to get one; one that starts may have much to replay.
DOWN = {"stopped", "start failed", "restart failed", "crashed"}
UNDER_WAY = {"starting", "restarting", "stopping"}
PATIENCE = 60
PAUSE = 600

told = {}
made_anew = 0


def lines(samples):
    return "".join(f"{name} {value}\n" for name, value in samples.items() if value is not None)


def patroni(path, body=None, timeout=3):
    # Of another member it verifies who that is; this is the one beside, whose name is no address.
    context = ssl.create_default_context(cafile=f"{TLS}/ca.crt")
    context.check_hostname = False
    context.load_cert_chain(f"{TLS}/tls.crt", f"{TLS}/tls.key")
    login = base64.b64encode(f"patroni:{os.environ['PASSWORD']}".encode()).decode()
    request = urllib.request.Request(
        f"https://{MEMBER}:8008{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Basic {login}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=timeout, context=context) as answer:
        return answer.read().decode()


def of_server():
    connection = None
    try:
        connection = psycopg2.connect(
            host="/run/postgresql", user="postgres", dbname="postgres", connect_timeout=3, options="-c statement_timeout=3s"
        )
        with connection.cursor() as cursor:
            cursor.execute(SERVER)
            return lines({"pg_up": 1, **dict(zip((column.name for column in cursor.description), cursor.fetchone()))})
    except psycopg2.Error:
        return lines({"pg_up": 0})
    finally:
        if connection:
            connection.close()


def of_volume():
    room = os.statvfs(VOLUME)
    return lines({
        "rampart_postgres_volume_size_bytes": room.f_blocks * room.f_frsize,
        "rampart_postgres_volume_available_bytes": room.f_bavail * room.f_frsize,
        "rampart_postgres_made_anew_total": made_anew,
    })


def of_backups():
    """What the keeper has of this cluster. A cluster that follows has none of its own."""
    if not os.path.exists(BACKUPS):
        return ""
    command = ["pgbackrest", f"--stanza={SCOPE}", "--output=json", "--log-level-console=off", "info"]
    asked = subprocess.run(command, capture_output=True, timeout=30)
    stanza = json.loads(asked.stdout)[0] if asked.returncode == 0 else None
    if not stanza or stanza["status"]["code"] == 99:  # it isn't known what there is
        return lines({"pgbackrest_up": 0})
    backups = stanza["backup"]
    if not backups:
        return lines({"pgbackrest_up": 1})
    latest = max(backups, key=lambda backup: backup["timestamp"]["stop"])
    verified = [backup["annotation"]["verified"] for backup in backups if "verified" in backup.get("annotation", {})]
    return lines({
        "pgbackrest_up": 1,
        "pgbackrest_backup_first_timestamp_seconds": min(backup["timestamp"]["stop"] for backup in backups),
        "pgbackrest_backup_last_timestamp_seconds": latest["timestamp"]["stop"],
        "pgbackrest_backup_last_error": int(latest["error"] or False),
        "pgbackrest_backup_verified_timestamp_seconds": max(map(int, verified), default=None),
    })


def keep(name, every, read):
    """One that hangs holds up no other, and is forgotten."""
    while True:
        try:
            said = read()
        except Exception as error:
            print(f"{name}: {error!r}", flush=True)
            said = ""
        told[name] = (time.monotonic() + 4 * every, said)
        time.sleep(every)


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        now = time.monotonic()
        body = "".join(said for until, said in list(told.values()) if now < until).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def is_spare(cluster):
    """Rows that count are elsewhere too: the leader is well, and yet another member follows it."""
    others = [member for member in cluster["members"] if member["name"] != NAME]
    leads = any(each["role"] in ("leader", "standby_leader") and each["state"] in ("running", "streaming") for each in others)
    follows = any(each["role"] not in ("leader", "standby_leader") and each["state"] == "streaming" for each in others)
    return leads and follows and not cluster.get("pause")


def broken_pages():
    for line in told.get("server", (0, ""))[1].splitlines():
        name, value = line.split()
        if name == "pg_stat_database_checksum_failures":
            return int(float(value))
    return 0


def mend():
    global made_anew
    down_since = None
    while True:
        time.sleep(5)
        try:
            member, cluster = json.loads(patroni("/patroni")), json.loads(patroni("/cluster"))
            state = member["state"]
            if state in DOWN:
                down_since = down_since or time.monotonic()
            elif state not in UNDER_WAY:
                down_since = None
            is_down = state in DOWN and time.monotonic() - down_since > PATIENCE
            is_broken = member.get("role") == "replica" and broken_pages() > 0
            if (is_down or is_broken) and is_spare(cluster):
                print(f"{state}, {broken_pages()} broken pages: made anew from the leader", flush=True)
                patroni("/reinitialize", {"force": True, "from-leader": True})
                made_anew += 1
                down_since = None
                time.sleep(PAUSE)
        except Exception as error:
            print(f"mend: {error!r}", flush=True)


if __name__ == "__main__":
    for name, every, read in [
        ("patroni", 5, lambda: patroni("/metrics")),
        ("server", 5, of_server),
        ("volume", 5, of_volume),
        ("backups", 60, of_backups),
    ]:
        threading.Thread(target=keep, args=(name, every, read), daemon=True).start()
    threading.Thread(target=mend, daemon=True).start()
    http.server.ThreadingHTTPServer(("", PORT), Answer).serve_forever()
