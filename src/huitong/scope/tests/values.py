"""Every type of PostgreSQL with its edge values: the list every way data leave a source is held to.

``xml`` is left out: servers may be built without it.
"""

from __future__ import annotations

OWN_TYPES = """
CREATE TYPE mood AS ENUM ('好', '"', 'NaN'); CREATE DOMAIN price AS numeric(12,4); CREATE DOMAIN prices AS numeric[]; CREATE DOMAIN code AS text;
CREATE DOMAIN whole AS bigint; CREATE TYPE pair AS (a int, b text, c numeric);
"""
DAYS = ("2020-02-29", "infinity", "-infinity", "0044-03-15 BC", "0001-01-01", "9999-12-31", "10000-01-01", "5874897-12-31")
MOMENTS = ("2026-11-23 12:00:00", "2026-11-23 12:00:00.000001", "infinity", "-infinity", "0044-03-15 12:00:00 BC", "10000-01-01 00:00:00")
#: column type → values as PostgreSQL reads them
VALUES: dict[str, tuple[str, ...]] = {
    'smallint': ('-32768', '0'), 'integer': ('2147483647',),
    'bigint': ('9223372036854775807', '-9223372036854775808'), 'oid': ('4294967295',),
    'numeric': ('0', '0.00000001', '-0.10', '1e40', '12345678901234567890.123456789', 'NaN', 'Infinity', '-Infinity'),
    'numeric(18,8)': ('0', '0.00000001'), 'numeric(5,-2)': ('12300',),
    'real': ('0.1', '1e-45', '3.4e38', 'NaN', 'Infinity', '-Infinity', '-0'),
    'double precision': ('0.1', '1e16', '1e308', '5e-324', 'NaN', 'Infinity', '-Infinity', '0.30000000000000004'),
    'money': ('-1.50', '92233720368547758.07'),
    'text': ('', ' ', '张三\n"\\/\t\x01\x7f', '\u2028\ufeff', '𠮷😀', 'NULL', '%s{}'),
    'character varying(9)': ('a ',), 'character(8)': ('ab', ''), 'name': ('n',),
    '"char"': ('x', ''), 'bytea': ('\\x', '\\x00ff5c'), 'boolean': ('t', 'f'),
    'uuid': ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',), 'date': DAYS,
    'timestamp without time zone': MOMENTS, 'timestamp(0) without time zone': MOMENTS[:1],
    'timestamp with time zone': (*MOMENTS, '1986-09-14 01:30+09', '1986-09-14 01:30+08', '1900-12-31 23:00+08'),
    'time without time zone': ('24:00', '00:00:00.000001'),
    'time with time zone': ('24:00+08', '23:59:60-15:59'),
    'interval': ('1 year -2 mons +3 days 04:05:06.7', '0', '-178000000 years'),
    'json': ('{"a":1,"a":2}', ' [ 1.0, 1e400, null ]\n', '"\\ud83d"', '"\\u0000"', 'null'),
    'jsonb': ('{"n": 12345678901234567.89}', '[1.10, 1e40, -0.0]', '"\\\\ud83d"', 'null'),
    'inet': ('10.0.0.1/8', '::1'), 'cidr': ('10.0.0.0/8',), 'macaddr': ('08:00:2b:01:02:03',),
    'macaddr8': ('08:00:2b:01:02:03:04:05',), 'bit(3)': ('101',), 'bit(1)': ('1',),
    'bit varying': ('', '0101'), 'tsvector': ("'a':1A 'b''c':2",), 'tsquery': ("'a' & !'b'",),
    'jsonpath': ('$."a"',), 'point': ('(1,NaN)',), 'line': ('{1,2,3}',), 'lseg': ('[(0,0),(1,1)]',),
    'box': ('(1,1),(0,0)',), 'path': ('[(0,0),(1,1)]',), 'polygon': ('((0,0),(1,1))',),
    'circle': ('<(0,0),Infinity>',), 'int4range': ('[1,5)', 'empty', '(,)'), 'int8range': ('[1,)',),
    'numrange': ('[0.10,1e40]',), 'daterange': ('(,2020-01-01)', '(,infinity]'),
    'tsrange': ('[2020-01-01,2020-01-02)',), 'tstzrange': ('[1986-09-14 01:30+09,)',),
    'int4multirange': ('{[1,3),[5,6)}',), 'datemultirange': ('{}',), 'pg_lsn': ('16/B374D848',),
    'int2vector': ('1 2',), 'integer[]': ('{}', '{1,NULL}', '{{1,2},{3,4}}', '[0:1]={1,2}'),
    'text[]': ('{"a,b",NULL,"NULL","\\""}',),
    'numeric[]': ('{NaN,1.10,NULL}', '{{0.00000000,1e40}}'), 'numeric(18,8)[]': ('{0}',),
    'double precision[]': ('{NaN,Infinity,1}',), 'bytea[]': ('{"\\\\x00ff",NULL}',),
    'date[]': ('{infinity,2020-01-01}',), 'json[]': ('{"{\\"a\\":1,\\"a\\":2}"}',),
    'jsonb[]': ('{1.10}',), 'boolean[]': ('{t,NULL}',),
    'daterange[]': ('{"[2020-01-01,2020-01-02)"}',),
    'timestamp with time zone[]': ('{1986-09-14 01:30+09}',), 'uuid[]': ('{}',),
    'money[]': ('{1}',), 'public.mood': ('好', '"', 'NaN'), 'public.mood[]': ('{好,NULL}',),
    'public.price': ('0.10', 'NaN'), 'public.prices': ('{0.10,NaN}',), 'public.code': ('x',),
    'public.whole': ('9223372036854775807',), 'public.pair': ('(1,"a,b",0.10)', '(,,)'),
    'public.pair[]': ('{"(1,x,1.0)"}',),
}
