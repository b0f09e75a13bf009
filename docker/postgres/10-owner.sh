#!/bin/sh
# Run once by the postgres image: the owner of Cairn's database, bound by row-level security as a superuser is not.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --set password="$OWNER_PASSWORD" <<'SQL'
CREATE ROLE cairn_owner LOGIN CREATEROLE PASSWORD :'password';
CREATE DATABASE cairn OWNER cairn_owner;
SQL
