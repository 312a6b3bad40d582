package dev.holdfast.sample.model;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Removes from a URL what may be secret: the user, the fragment, and values in the query that look like credentials. */
final class PublicUrl {
    private static final Pattern USER = Pattern.compile("^(\\s*[A-Za-z][A-Za-z0-9+.-]*://)[^/?#]*@");
    private static final Pattern SECRET_NAME =
            Pattern.compile("token|secret|pass|pwd|key|auth|cred|sig|jwt|ticket|session|sid|code|bearer");
    /** Random characters: long, and with letters and digits. */
    private static final Pattern SECRET_VALUE = Pattern.compile("(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9_.~+/=%-]{20,}");

    private PublicUrl() {}

    /** Returns the URL without secrets. The names of parameters stay, so that the user sees what to fill in. */
    static String of(String url) {
        String rest = USER.matcher(url).replaceFirst("$1");
        int fragment = rest.indexOf('#');
        if (fragment >= 0) rest = rest.substring(0, fragment);
        int query = rest.indexOf('?');
        if (query < 0) return rest;
        String parameters = Arrays.stream(rest.substring(query + 1).split("&", -1))
                .map(PublicUrl::parameter)
                .collect(Collectors.joining("&"));
        return rest.substring(0, query + 1) + parameters;
    }

    private static String parameter(String parameter) {
        int equals = parameter.indexOf('=');
        String name = equals < 0 ? "" : parameter.substring(0, equals);
        String value = parameter.substring(equals + 1);
        boolean secret = SECRET_NAME.matcher(decoded(name)).find()
                || SECRET_VALUE.matcher(value).matches();
        return secret ? parameter.substring(0, equals + 1) : parameter;
    }

    private static String decoded(String name) {
        try {
            return URLDecoder.decode(name, StandardCharsets.UTF_8).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            // Not readable, so it may be anything.
            return "secret";
        }
    }
}
