-- A text's words, as an index of names keeps them; a text far longer than any name only with its beginning, as words
-- have a longest length there.
CREATE FUNCTION search_terms(normal text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_to_tsvector(string_to_array(rtrim(left(normal, 400)), ' '));
--> statement-breakpoint
-- What a text's words are found by when one letter is wrong: each word of four letters and more, and the same with any
-- one letter left open: "atlas", "_tlas", "a_las" …. Not words with digits: another number is another thing.
CREATE FUNCTION search_forms(normal text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
AS $$
DECLARE
  forms text[] := '{}';
  word text;
BEGIN
  FOREACH word IN ARRAY string_to_array(normal, ' ') LOOP
    CONTINUE WHEN length(word) NOT BETWEEN 4 AND 40 OR word ~ '[0-9]';
    forms := forms || word;
    FOR place IN 1..length(word) LOOP
      forms := forms || overlay(word PLACING '_' FROM place FOR 1);
    END LOOP;
  END LOOP;
  RETURN forms;
END $$;
--> statement-breakpoint
-- The forms of all words that a word can be meant for: one letter wrong, missing or too many, or two neighbours swapped.
-- Those that the word has a letter too few for, or a wrong one, share a form in which that letter is open.
CREATE FUNCTION search_slips(word text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE WHEN length(word) NOT BETWEEN 3 AND 40 OR word ~ '[0-9]' THEN '{}' ELSE ARRAY(
  SELECT unnest(ARRAY[
    overlay(word PLACING '' FROM place FOR 1),
    overlay(word PLACING '_' FROM place FOR 1),
    overlay(word PLACING '_' FROM place FOR 0),
    left(word, place - 1) || substr(word, place + 1, 1) || substr(word, place, 1) || substr(word, place + 2)])
  FROM generate_series(1, length(word)) AS place
  UNION ALL SELECT word || '_'
) END;
--> statement-breakpoint
CREATE TABLE "store_words" (
	"word" text NOT NULL
);
--> statement-breakpoint
CREATE INDEX "store_words_word_idx" ON "store_words" USING btree ("word");--> statement-breakpoint
CREATE INDEX "additives_forms_idx" ON "additives" USING gin (search_forms("search_text"));--> statement-breakpoint
-- No unique index: two imports with the same new words would wait for each other, or be each other's deadlock.
CREATE FUNCTION learn_store_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO store_words (word)
  SELECT word FROM (
    SELECT DISTINCT unnest(tsvector_to_array(search_terms(search_text))) AS word FROM new_rows
  ) AS words
  WHERE NOT EXISTS (SELECT FROM store_words AS known WHERE known.word = words.word);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER learn_words_insert AFTER INSERT ON stores REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION learn_store_words();
--> statement-breakpoint
CREATE TRIGGER learn_words_update AFTER UPDATE ON stores REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION learn_store_words();
