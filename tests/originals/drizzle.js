// drizzle.js: runs drizzle's own migrator, as an application does when it starts.
//
//   node drizzle.js INSTALLED VERSION FOLDER SOCKET DATABASE
//
// INSTALLED is what install.sh printed, VERSION the name of the package there.
const { createRequire } = require("node:module");
const [installed, version, folder, socket, database] = process.argv.slice(2);
const from = createRequire(`${installed}/package.json`);

const { drizzle } = from(`${version}/postgres-js`);
const { migrate } = from(`${version}/postgres-js/migrator`);
const client = from("postgres")({
  path: `${socket}/.s.PGSQL.5432`, database, username: "postgres", max: 1, onnotice: () => {},
});

migrate(version === "drizzle-orm" ? drizzle(client) : drizzle({ client }), { migrationsFolder: folder })
  .catch((error) => {
    console.error(error);
    process.exitCode = 1;
  })
  .finally(() => client.end());
