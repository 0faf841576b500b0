import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { asked } from "@selfhosted/common";
import type { ServiceConfig } from "./config";
import type { DatabaseLogin } from "./environment";

/**
 * The API's own login: it reads and writes rows, and neither changes the schema nor makes users
 * (pulumi/pulumi-self-hosted-installers#77). Given, it exists already and no Job makes it.
 */
export function databaseLogin({ settings }: ServiceConfig): DatabaseLogin & { readonly made: boolean } {
  if (settings.apiDatabaseUsername !== undefined) {
    const password = asked(settings.apiDatabasePassword, "apiDatabasePassword");
    return { username: settings.apiDatabaseUsername, password, made: false };
  }
  // No character that SQL or a shell would read as its own.
  const { result } = new random.RandomPassword("api-database-user", {
    length: 32,
    special: false,
    keepers: { rotation: String(settings.apiDatabasePasswordRotation) },
  });
  return { username: "pulumi_api", password: pulumi.secret(result), made: true };
}

/**
 * Shell script of the Job; every value comes from the environment. It may run again and again: it makes the user when
 * it isn't there, and in any case sets its password, its rights and whether it must use TLS.
 */
export const DATABASE_USER_SCRIPT = `set -eu
tls="--ssl-mode=PREFERRED"
require="NONE"
if [ -n "\${DATABASE_CA_CERTIFICATE:-}" ]; then
  printf '%s\\n' "$DATABASE_CA_CERTIFICATE" > /tmp/database-ca.pem
  tls="--ssl-mode=VERIFY_CA --ssl-ca=/tmp/database-ca.pem"
  require="SSL"
fi
mysql --host="$DATABASE_HOST" --port="$DATABASE_PORT" --user="$DATABASE_OWNER" --connect-timeout=10 $tls <<SQL
CREATE USER IF NOT EXISTS '$API_USERNAME'@'%' IDENTIFIED BY '$API_PASSWORD';
ALTER USER '$API_USERNAME'@'%' IDENTIFIED BY '$API_PASSWORD' REQUIRE $require;
GRANT SELECT, INSERT, UPDATE, DELETE ON \\\`$DATABASE_NAME\\\`.* TO '$API_USERNAME'@'%';
SQL
echo "user $API_USERNAME may read and write $DATABASE_NAME"
`;
