-- needs: 4
-- Instances that a destination took and has not committed itself to yet are sent ones whose end is open: a program that knows nothing of it neither sends, counts nor forgets them.
ALTER TABLE forward_items ADD COLUMN transaction_uid TEXT;
ALTER TABLE forward_items ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;
CREATE INDEX forward_items_committing ON forward_items (destination, available_at) WHERE state = 'sent' AND ended_at IS NULL;
CREATE INDEX forward_items_transaction ON forward_items (transaction_uid) WHERE transaction_uid IS NOT NULL;
