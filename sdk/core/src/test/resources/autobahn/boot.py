# Starts the Autobahn test suite as a fuzzing server, on Jython 2.7, with the few changes that it needs to run there.
# Arguments: port, folder for the reports, cases as a comma-separated list.
import sys

from twisted.internet import main, reactor, tcp
from twisted.web import server as web

port, outdir, cases = int(sys.argv[1]), sys.argv[2], sys.argv[3].split(',')

# On the loopback interface only, and without the web page that the suite always opens on port 8080.
listen = reactor.listenTCP


def listen_on_loopback(port, factory, backlog=50, interface=''):
    if isinstance(factory, web.Site):
        return None
    return listen(port, factory, backlog, '127.0.0.1')


reactor.listenTCP = listen_on_loopback

# Under Jython a socket whose peer has gone stays writable while it takes nothing. Unless told that the connection is lost
# the server spins on it and leaves the case out of its report.
write_some_data = tcp.Connection.writeSomeData


def write_some_data_or_notice(self, data):
    written = write_some_data(self, data)
    if written == 0 and len(data) > 0 and self.disconnecting:
        channel = getattr(getattr(self.socket, '_sock', self.socket), 'channel', None)
        if channel is None or not channel.isActive():
            return main.CONNECTION_LOST
    return written


tcp.Connection.writeSomeData = write_some_data_or_notice

from autobahntestsuite import wstest

wstest.start(
    {'mode': 'fuzzingserver', 'webport': 0, 'debug': False},
    {
        'url': 'ws://127.0.0.1:%d' % port,
        'outdir': outdir,
        'cases': cases,
        'exclude-cases': [],
        'exclude-agent-cases': {},
        'options': {'failByDrop': False},
    })
