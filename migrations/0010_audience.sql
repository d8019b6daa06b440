-- Which of Lever's environments the tokens are good in: the audience that they were granted for. What was connected
-- before this was kept learns it when a server starts.
ALTER TABLE connections ADD COLUMN audience TEXT;
