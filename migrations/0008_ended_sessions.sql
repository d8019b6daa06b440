-- How often everything that a person was signed in with was ended. A session holds what it was when its password was
-- looked at, and signs nobody in once it is another.
ALTER TABLE users ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0;
