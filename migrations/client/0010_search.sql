-- Texts with letters of scripts that are written without spaces (from Thai to Khmer, Chinese, Japanese, Korean) are
-- searched by parts, all others by words.
ALTER TABLE timeline ADD COLUMN unspaced INTEGER NOT NULL
  GENERATED ALWAYS AS (body GLOB '*[' || char(0x0E00, 0x2D, 0x109F, 0x1780, 0x2D, 0x17FF, 0x2E80, 0x2D, 0xA4CF,
    0xAC00, 0x2D, 0xD7FF, 0xF900, 0x2D, 0xFAFF, 0xFF66, 0x2D, 0xFF9F, 0x20000, 0x2D, 0x33FFF) || ']*') VIRTUAL;
CREATE TABLE unspaced_lines (
  place INTEGER PRIMARY KEY,
  body  TEXT NOT NULL
) STRICT;
INSERT INTO unspaced_lines SELECT place, body FROM timeline WHERE kind = 'text' AND unspaced = 1;

-- The words of all other texts. It holds no text of its own (the view is where that stands), no sizes (nothing is
-- ranked), and nothing of what was deleted.
CREATE VIEW spaced_lines AS SELECT place, body FROM timeline WHERE kind = 'text' AND unspaced = 0;
CREATE VIRTUAL TABLE line_words USING fts5 (
  body, content = 'spaced_lines', content_rowid = 'place', columnsize = 0,
  -- Signs that are newer than the tokenizer, which would take them for letters.
  tokenize = "unicode61 remove_diacritics 2 separators '₺₻₼₽₾₿⃀⏴⏵⏶⏷⏸⏹⏺⏻⏼⏽⏾⏿🌡🌢🌣🌤🌥🌦🌧🌨🌩🌪🌫🌬🌭🌮🌯🌶🍽🍾🍿🎔🎕🎖🎗🎘🎙🎚🎛🎜🎝🎞🎟🏅🏋🏌🏍🏎🏏🏐🏑🏒🏓🏔🏕🏖🏗🏘🏙🏚🏛🏜🏝🏞🏟🏱🏲🏳🏴🏵🏶🏷🏸🏹🏺🏻🏼🏽🏾🏿🐿👁📸📽📾📿🔾🔿🕄🕅🕆🕇🕈🕉🕊🕋🕌🕍🕎🕏🕨🕩🕪🕫🕬🕭🕮🕯🕰🕱🕲🕳🕴🕵🕶🕷🕸🕹🕺🕻🕼🕽🕾🕿🖀🖁🖂🖃🖄🖅🖆🖇🖈🖉🖊🖋🖌🖍🖎🖏🖐🖑🖒🖓🖔🖕🖖🖗🖘🖙🖚🖛🖜🖝🖞🖟🖠🖡🖢🖣🖤🖥🖦🖧🖨🖩🖪🖫🖬🖭🖮🖯🖰🖱🖲🖳🖴🖵🖶🖷🖸🖹🖺🖻🖼🖽🖾🖿🗀🗁🗂🗃🗄🗅🗆🗇🗈🗉🗊🗋🗌🗍🗎🗏🗐🗑🗒🗓🗔🗕🗖🗗🗘🗙🗚🗛🗜🗝🗞🗟🗠🗡🗢🗣🗤🗥🗦🗧🗨🗩🗪🗫🗬🗭🗮🗯🗰🗱🗲🗳🗴🗵🗶🗷🗸🗹🗺🙁🙂🙃🙄🛆🛇🛈🛉🛊🛋🛌🛍🛎🛏🛐🛑🛒🛓🛔🛕🛖🛗🛘🛜🛝🛞🛟🛠🛡🛢🛣🛤🛥🛦🛧🛨🛩🛪🛫🛬🛰🛱🛲🛳🛴🛵🛶🛷🛸🛹🛺🛻🛼🟠🟡🟢🟣🟤🟥🟦🟧🟨🟩🟪🟫🟰🤌🤍🤎🤏🤐🤑🤒🤓🤔🤕🤖🤗🤘🤙🤚🤛🤜🤝🤞🤟🤠🤡🤢🤣🤤🤥🤦🤧🤨🤩🤪🤫🤬🤭🤮🤯🤰🤱🤲🤳🤴🤵🤶🤷🤸🤹🤺🤻🤼🤽🤾🤿🥀🥁🥂🥃🥄🥅🥆🥇🥈🥉🥊🥋🥌🥍🥎🥏🥐🥑🥒🥓🥔🥕🥖🥗🥘🥙🥚🥛🥜🥝🥞🥟🥠🥡🥢🥣🥤🥥🥦🥧🥨🥩🥪🥫🥬🥭🥮🥯🥰🥱🥲🥳🥴🥵🥶🥷🥸🥹🥺🥻🥼🥽🥾🥿🦀🦁🦂🦃🦄🦅🦆🦇🦈🦉🦊🦋🦌🦍🦎🦏🦐🦑🦒🦓🦔🦕🦖🦗🦘🦙🦚🦛🦜🦝🦞🦟🦠🦡🦢🦣🦤🦥🦦🦧🦨🦩🦪🦫🦬🦭🦮🦯🦰🦱🦲🦳🦴🦵🦶🦷🦸🦹🦺🦻🦼🦽🦾🦿🧀🧁🧂🧃🧄🧅🧆🧇🧈🧉🧊🧋🧌🧍🧎🧏🧐🧑🧒🧓🧔🧕🧖🧗🧘🧙🧚🧛🧜🧝🧞🧟🧠🧡🧢🧣🧤🧥🧦🧧🧨🧩🧪🧫🧬🧭🧮🧯🧰🧱🧲🧳🧴🧵🧶🧷🧸🧹🧺🧻🧼🧽🧾🧿🩰🩱🩲🩳🩴🩵🩶🩷🩸🩹🩺🩻🩼🪀🪁🪂🪃🪄🪅🪆🪇🪈🪉🪊🪎🪏🪐🪑🪒🪓🪔🪕🪖🪗🪘🪙🪚🪛🪜🪝🪞🪟🪠🪡🪢🪣🪤🪥🪦🪧🪨🪩🪪🪫🪬🪭🪮🪯🪰🪱🪲🪳🪴🪵🪶🪷🪸🪹🪺🪻🪼🪽🪾🪿🫀🫁🫂🫃🫄🫅🫆🫍🫎🫏🫐🫑🫒🫓🫔🫕🫖🫗🫘🫙🫚🫛🫜🫟🫠🫡🫢🫣🫤🫥🫦🫧🫨🫩🫪🫰🫱🫲🫳🫴🫵🫶🫷🫸'"
);
INSERT INTO line_words (line_words, rank) VALUES ('secure-delete', 1);
INSERT INTO line_words (line_words) VALUES ('rebuild');

CREATE TRIGGER search_added AFTER INSERT ON timeline WHEN new.kind = 'text' BEGIN
  INSERT INTO line_words (rowid, body) SELECT new.place, new.body WHERE new.unspaced = 0;
  INSERT INTO unspaced_lines SELECT new.place, new.body WHERE new.unspaced = 1;
END;
CREATE TRIGGER search_dropped AFTER DELETE ON timeline WHEN old.kind = 'text' BEGIN
  INSERT INTO line_words (line_words, rowid, body) SELECT 'delete', old.place, old.body WHERE old.unspaced = 0;
  DELETE FROM unspaced_lines WHERE place = old.place;
END;
CREATE TRIGGER search_changed AFTER UPDATE OF place, body ON timeline WHEN old.kind = 'text' BEGIN
  INSERT INTO line_words (line_words, rowid, body) SELECT 'delete', old.place, old.body WHERE old.unspaced = 0;
  DELETE FROM unspaced_lines WHERE place = old.place;
  INSERT INTO line_words (rowid, body) SELECT new.place, new.body WHERE new.unspaced = 0;
  INSERT INTO unspaced_lines SELECT new.place, new.body WHERE new.unspaced = 1;
END;

-- Where a day begins is found without reading the lines.
DROP INDEX timeline_by_group;
CREATE INDEX timeline_by_group ON timeline (group_id, place, sent_at, received_at, own, kind);
