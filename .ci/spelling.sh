#!/usr/bin/env bash
# Whether every word is one of American English, in comments, strings and documents, and each part of an
# identifier; spelling.txt has what codespell's own lists lack.
cd "$(dirname "$0")/.." || exit 2
words='(?<!\\)(?:[A-Z]?[a-z]{3,}|[A-Z]{4,})'
# Numbers in hexadecimal, pictures in notebooks, and names of mutants and mistakes, which stay as users have written them down.
names='(?:nan|reflect|cubic|bilinear|position|weights|unit-size|theta|sizes)\.[a-z-]*(?:centred?|centres|renormalised|quantised)[a-z0-9/-]*'
no_words="0x[0-9a-fA-F.p+-]+|\"image/png\": \"[^\"]*|\b[0-9a-fA-F]{6,}\b|$names|\.quantised-"
accepted=countr                                  # of std::countr_zero
accepted+=,chekc,imput,instal,mdoes,nam,tourch   # tests of what a typing error is answered
accepted+=,normalised                            # of --unit, as it was spelled once
accepted+=,earch                                 # of URLSearchParams
git ls-files --cached --others --exclude-standard | grep -v -e '/corpus/.*/' -e '^\.ci/spelling\.' |
  xargs codespell --regex "$words" --ignore-regex "$no_words" --ignore-words-list "$accepted" --check-filenames \
    --builtin clear,rare,en-GB_to_en-US -D - -D .ci/spelling.txt
