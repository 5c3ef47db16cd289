"""
The argument parser of an installed AWS CLI, for aws-arguments.ts.

The first line of stdin is the tables of options as JSON: those of the reference, which the installed version may be older
than. Each line after it is an argument list; for each, a line of JSON is printed: the command with the values of its options,
or the error. The three passes are those of the AWS CLI, and so is the reading of file:// values. No command runs, and no value
is fetched.
"""

import io
import json
import sys

from awscli.argparser import CLIArgParser
from awscli.arguments import CustomArgument
from awscli.clidriver import create_clidriver
from awscli.customizations import globalargs
from awscli.customizations.eks.get_token import GetTokenCommand
from awscli.customizations.eks.update_kubeconfig import UpdateKubeconfigCommand
from awscli.paramfile import LOCAL_PREFIX_MAP, URIArgumentHandler


class ParserError(Exception):
    pass


def raise_error(parser, message):
    raise ParserError(message)


def argument(option):
    action = 'store' if option['hasValue'] else 'store_true'
    return {'name': option['name'], 'action': action, 'required': option['isRequired']}


def given(namespace):
    values = {name.replace('_', '-'): value for name, value in vars(namespace).items()}
    return {name: value for name, value in values.items() if value is not None and value is not False}


result = None


def record(command, **details):
    global result
    result = {'command': command, **details}
    return 0


class Help:
    """In place of the manual pages; the words that follow are topics."""

    def __call__(self, words, parsed_globals):
        return record('help', topics=words)


def replace_command(command):
    command._run_main = lambda self, args, parsed_globals: record(self.NAME, values=given(args))
    command._display_help = lambda self, args, parsed_globals: record('help', topics=[])


output, sys.stdout = sys.stdout, io.StringIO()
tables = json.loads(sys.stdin.readline())

CLIArgParser.error = raise_error
for command in (GetTokenCommand, UpdateKubeconfigCommand):
    replace_command(command)
    command.ARG_TABLE = [argument(option) for option in tables[command.NAME]]

driver = create_clidriver()
driver.session.register('load-cli-arg', URIArgumentHandler(LOCAL_PREFIX_MAP))
global_table = driver._get_argument_table()
global_table.clear()
for option in tables['global']:
    # The flags of the AWS CLI that begin with no- set values of other names.
    dest = option['name'].replace('-', '_')
    CustomArgument(**argument(option), dest=dest, choices=option.get('choices')).add_to_arg_table(global_table)

eks = driver._get_command_table()['eks']
operations = eks._get_command_table()
for name in list(operations):
    if name not in tables:
        del operations[name]
commands = {'eks': eks}
eks.create_help_command = driver.create_help_command = Help
create_parser = getattr(driver, 'create_parser', None) or driver._create_parser
parser = create_parser(commands)


def check_global_values(values):
    """Before the operation is parsed."""
    if 'query' in values:
        globalargs._resolve_query(values['query'])
    if 'endpoint-url' in values:
        globalargs._resolve_endpoint_url(values['endpoint-url'])
    for name in ('cli-read-timeout', 'cli-connect-timeout'):
        if name in values:
            int(values[name])


def run(words):
    parsed, rest = parser.parse_known_args(words)
    values = given(parsed)
    command = values.pop('command')
    check_global_values(values)
    commands[command](rest, parsed)
    return {**result, 'values': {**values, **result.get('values', {})}}


for line in sys.stdin:
    try:
        answer = run(json.loads(line))
    except SystemExit:
        answer = {'command': 'version'}
    except Exception as error:
        answer = {'error': str(error)}
    print(json.dumps(answer), file=output, flush=True)
