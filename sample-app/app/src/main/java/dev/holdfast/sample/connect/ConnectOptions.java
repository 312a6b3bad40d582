package dev.holdfast.sample.connect;

import dev.holdfast.Session;
import java.net.URI;
import java.time.Duration;
import okhttp3.Headers;
import org.jspecify.annotations.Nullable;

/**
 * The options of a connection.
 *
 * @param url the URL of the server
 * @param headers the headers of the opening handshake, including the subprotocols
 * @param session the session, which outlives a connection
 * @param jsonLines whether each line is sent as JSON rather than as text
 * @param proxy the proxy to connect through; null for none
 * @param attempts the maximum number of failed reconnect attempts in a row; 0 for no limit
 * @param linger how long to stay connected after the last line; null to leave as soon as it is sent
 */
record ConnectOptions(
        String url,
        Headers headers,
        Session session,
        boolean jsonLines,
        @Nullable URI proxy,
        int attempts,
        @Nullable Duration linger) {
    static final String USAGE = """
            usage: connect URL [options]
              -H, --header 'Name: value'   a header of the handshake; any number of them
              -s, --subprotocol NAME,...   subprotocols to offer
              --session none               reconnect, and no more than that (the default)
              --session resume             resume.v1.json: nothing is lost or comes twice
              --session last-id            go on from the last message's id, with
                  --pointer /id                where a message has its id, a JSON pointer
                  --since-query NAME           tell it in the URL's query, or
                  --since-header NAME          in a header, or
                  --since-message TEXT         in a first message, with {id} for the id
              --json                       lines are JSON values, sent as such
              --proxy URL                  [http://[user:password@]]host:port or socks://host:port
              --attempts N                 give up when N attempts in a row to connect again fail
              --linger SECONDS             stay that long after the input's end
            Lines from standard input are sent, what comes goes to standard output, and all else to standard error.
            At a terminal, /state tells where things stand and /quit ends, as does the input's end.
            Exits with 0 when ended from here, 1 when there was no (more) connecting, 2 on wrong arguments.\
            """;

    static ConnectOptions parse(String... args) {
        return new ConnectArguments(args).parse();
    }
}
