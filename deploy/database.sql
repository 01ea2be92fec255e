-- Run by a superuser, with psql 15 or newer on a server 14 or newer; passwords come from the environment, where no `ps` shows them.
\set ON_ERROR_STOP on
\getenv owner OWNER_PASSWORD
\getenv runtime RUNTIME_PASSWORD
CREATE ROLE huitong_owner LOGIN PASSWORD :'owner';
CREATE ROLE huitong LOGIN PASSWORD :'runtime';
-- C.UTF-8: the order of text does not change with the machine's C library
CREATE DATABASE huitong OWNER huitong_owner TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8';
REVOKE ALL ON DATABASE huitong FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE huitong TO huitong;
\connect huitong
ALTER SCHEMA public OWNER TO huitong_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
