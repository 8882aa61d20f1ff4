#!/bin/bash
# SPDX-License-Identifier: MIT
# What --json prints is what fs/schema says, and the schemas refuse what is not.
# not over a host: it asks .apsysfs, which a host has not
set -eu
python3 -c 'import jsonschema' 2>/dev/null || { echo 'skip: no python3-jsonschema'; exit 77; }
valid() { # SCHEMA FILE
	python3 - "$TOP/fs/schema/$1.json" "$2" <<'EOF'
import json, sys, jsonschema
schema, answer = (json.load(open(path)) for path in sys.argv[1:])
jsonschema.Draft202012Validator.check_schema(schema)
try:
    jsonschema.Draft202012Validator(schema).validate(answer)
except jsonschema.ValidationError as e:
    sys.exit(f"{sys.argv[2]}: {e.message} at {list(e.absolute_path)}")
EOF
}
invalid() { # SCHEMA FILE EDIT: sed makes it wrong, and it must be seen
	sed "$3" "$2" >wrong
	if cmp -s "$2" wrong; then echo "$3 changes nothing"; return 1; fi
	if valid "$1" wrong 2>/dev/null; then echo "valid in spite of $3"; return 1; fi
}
cp "$TOP/mount-examples/three-guests.yaml" guests.yaml
"$APSYSFS" run -- sh -euc '
	"$0" plan --json guests.yaml >plan
	"$0" show --json >show0
	"$0" plan --apply guests.yaml
	"$0" guest start 93e16ad1-9276-478d-84a1-a1391d853e10
	"$0" machine adapter add 10 type=CEX8P state=checkstopped
	"$0" show --json >show
	"$0" plan --json guests.yaml >nothing
	"$0" machine adapter set 5 rate=100 pending=3 wave=60
	"$0" machine queue set 6.4 rc=3
	"$0" machine queue set 6.0x47 rate=7
	"$0" machine show --json >machine
	"$0" stats --json >stats' "$APSYSFS"
sed 's/adapters: \[6\]/adapters: [9]/' guests.yaml >more.yaml
if "$APSYSFS" plan --kernel 6.1 --json more.yaml >refused; then exit 1; fi
"$APSYSFS" mask --json --base 0xffff -- -5,-6,+0xfe-0xff >mask
"$APSYSFS" mask --json 0x06,0x08,0x0 >config
valid show show0
valid show show
valid plan plan
valid plan nothing
valid plan refused
valid stats stats
valid machine machine
valid mask mask
valid mask config
grep -q '"edit":"+254-255,-5-6"' mask
invalid show show 's/"owner":"host"/"owner":"nobody"/; s/"owner":"mdev"/"owner":"nobody"/'
invalid show show 's/"mdev":"[^"]*",//'
invalid plan plan 's/"kernel"/"colonel"/'
invalid plan refused 's/"reason"/"cause"/'
invalid machine machine 's/"state":"checkstopped"/"state":"broken"/'
invalid machine machine 's/"rate":7,//'
python3 - machine <<'EOF'
import json, sys
m = json.load(open(sys.argv[1]))
assert [a["id"] for a in m["adapters"]] == [5, 6, 10], m
assert m["adapters"][0]["load"] == {"rate": 100, "pending": 3, "wave": 60}, m
assert (m["adapters"][2]["type"], m["adapters"][2]["mode"], m["adapters"][2]["state"]) == ("CEX8", "ep11", "checkstopped"), m
assert m["queues"] == [{"apqn": "06.0004", "rc": 3}, {"apqn": "06.0047", "rc": 0, "load": {"rate": 7, "pending": 0, "wave": 0}}], m
assert m["usage"] == [4, 0x47, 0xab, 0xff], m
EOF
invalid stats stats 's/"epochs":/"epoch":/'
invalid mask mask 's/"meaning"/"meanings"/'
invalid mask config 's/"meaning"/"meanings"/'
invalid mask mask 's/"edit":"+/"edit":"/'
