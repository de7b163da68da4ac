-- A device's name as its account's devices read it; nobody else can.
ALTER TABLE devices ADD COLUMN sealed_name BLOB NOT NULL DEFAULT x'';
