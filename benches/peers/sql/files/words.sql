-- The words that a column knows: any other is a fault of the row, found while the file is read.
-- Only codes: the Chinese words that we also read do not occur in these files.
CREATE TYPE organisation_kind AS ENUM ('enterprise', 'individual_business', 'institution', 'government', 'social_organization', 'farmers_cooperative', 'branch', 'other');
CREATE TYPE organisation_status AS ENUM ('operating', 'abnormal', 'suspended', 'revoked', 'deregistered');
CREATE TYPE role_kind AS ENUM ('legal_representative', 'principal', 'actual_controller', 'director', 'supervisor', 'executive', 'finance_head', 'liquidator', 'partner');
CREATE TYPE agreement_kind AS ENUM ('general_partner', 'agreement', 'nominee', 'appointment', 'other');
CREATE TYPE penalty_status AS ENUM ('effective', 'revoked', 'annulled_on_review');
CREATE TYPE list_code AS ENUM ({lists});
CREATE TYPE removal_reason AS ENUM ('expired', 'repaired', 'fulfilled', 'revoked', 'other');
CREATE TYPE responsibility AS ENUM ('direct', 'principal', 'other');
CREATE TYPE determination_outcome AS ENUM ('confirmed', 'rejected');
CREATE TYPE repair_kind AS ENUM ('repair', 'revocation', 'fulfilment');
CREATE TYPE objection_outcome AS ENUM ('pending', 'upheld', 'rejected');
CREATE TYPE matter_outcome AS ENUM ('granted', 'refused', 'withdrawn', 'pending');

-- The files, and the place of each one's first row.
CREATE TABLE file (of TEXT, file BIGINT, name TEXT, path TEXT);
CREATE TEMP TABLE begun (of TEXT, file BIGINT, first_place BIGINT);
-- Rows found at fault after they were read, by set and place; the field stands after the reason.
CREATE TEMP TABLE fault (of TEXT, place BIGINT, reason TEXT);
-- Rows that say again what an earlier one says: nothing is lost with them.
CREATE TEMP TABLE again (of TEXT, place BIGINT);
-- Rows set aside, whole, and everybody whom they name.
CREATE TEMP TABLE aside (of TEXT, place BIGINT, reason TEXT, text TEXT);
CREATE TEMP TABLE suspect (identifier TEXT);
