import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { asked } from "@selfhosted/common";
import type { ServiceConfig } from "./config";
import type { DatabaseLogin } from "./environment";

/**
 * The API's own login: it reads and writes rows, and neither changes the schema nor makes users
 * (pulumi/pulumi-self-hosted-installers#77). Given, it exists already and no Job makes it.
 */
export function databaseLogin({ settings, secrets }: ServiceConfig): DatabaseLogin & { readonly made: boolean } {
  if (settings.apiDatabaseUsername !== undefined) {
    const password = asked(secrets.apiDatabasePassword, "apiDatabasePassword");
    return { username: settings.apiDatabaseUsername, password, made: false };
  }
  // No character that SQL or a shell would read as its own.
  const { result } = new random.RandomPassword("api-database-user", {
    length: 32,
    special: false,
    keepers: { rotation: String(settings.apiDatabasePasswordRotation) },
  });
  return { username: "pulumi_api", password: { value: pulumi.secret(result) }, made: true };
}

/**
 * Shell script of the Job; every value comes from the environment. First it asks the server what the migrations would
 * fail on halfway: its version, its strict mode (pulumi/pulumi-self-hosted-installers#1239), the schema. It may run again
 * and again: it makes the user when it isn't there, and in any case sets its password, its rights and whether it must use
 * TLS.
 */
export const DATABASE_USER_SCRIPT = `set -eu
tls="--ssl-mode=PREFERRED"
require="NONE"
if [ -n "\${DATABASE_CA_CERTIFICATE:-}" ]; then
  printf '%s\\n' "$DATABASE_CA_CERTIFICATE" > "\${TMPDIR:-/tmp}/database-ca.pem"
  tls="--ssl-mode=VERIFY_CA --ssl-ca=\${TMPDIR:-/tmp}/database-ca.pem"
  require="SSL"
fi
owner() {
  mysql --host="$DATABASE_HOST" --port="$DATABASE_PORT" --user="$DATABASE_OWNER" --connect-timeout=10 $tls "$@"
}
ask() {
  owner --batch --skip-column-names --execute="$1"
}
refuse() {
  echo "$DATABASE_HOST $1, then run \\\`pulumi up\\\` again" >&2
  exit 1
}
version=$(ask "SELECT VERSION()")
case "$version" in
  8.*) ;;
  *) refuse "is version $version, and the service needs MySQL 8.0: give it another database" ;;
esac
mode=$(ask "SELECT @@GLOBAL.sql_mode")
case ",$mode," in
  *,STRICT_TRANS_TABLES,*) ;;
  *) refuse "has sql_mode '$mode', and migrations need STRICT_TRANS_TABLES in it: add it in the parameter group (Aurora: the cluster's) and reboot, or SET PERSIST sql_mode" ;;
esac
schema=$(ask "SELECT SCHEMA_NAME FROM INFORMATION_SCHEMA.SCHEMATA WHERE SCHEMA_NAME = '$DATABASE_NAME'")
[ -n "$schema" ] || refuse "has no schema $DATABASE_NAME: run CREATE DATABASE $DATABASE_NAME"
# As SQL reads it: a text's quotes and backslashes, and _ and %, which stand for any character in a GRANT's schema.
password=$(printf '%s' "$API_PASSWORD" | sed "s/['\\\\]/\\\\\\\\&/g")
granted=$(printf '%s' "$DATABASE_NAME" | sed 's/[_%]/\\\\&/g')
owner <<SQL
CREATE USER IF NOT EXISTS '$API_USERNAME'@'%' IDENTIFIED BY '$password';
ALTER USER '$API_USERNAME'@'%' IDENTIFIED BY '$password' REQUIRE $require;
GRANT SELECT, INSERT, UPDATE, DELETE ON \\\`$granted\\\`.* TO '$API_USERNAME'@'%';
SQL
echo "user $API_USERNAME may read and write $DATABASE_NAME"
`;
