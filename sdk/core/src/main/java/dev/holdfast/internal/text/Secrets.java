package dev.holdfast.internal.text;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Removes secrets from text before it is logged: values that are known to be secret, and what looks like one, since a server
 * or an exception may quote a secret that nobody knows of. Safe from any thread.
 */
public final class Secrets {
    private static final String HIDDEN = "***";
    /** Shorter values, such as a version, occur in ordinary text. */
    private static final int MIN_LENGTH = 8;
    /** The exceptions of a chain that are shown. A chain may have a circle. */
    private static final int MAX_CAUSES = 8;

    /** A URL: scheme, user and password, host and port, the rest. */
    private static final Pattern URL =
            Pattern.compile("(?i)\\b((?:https?|wss?)://)(?:[^\\s/?#@]*@)?([^\\s/?#\"'<>()]*)([^\\s\"'<>()]*)");
    /** A header that is secret as a whole, up to the end of the line. */
    private static final Pattern HEADER =
            Pattern.compile("(?i)\\b((?:set-)?cookie2?|(?:proxy-)?authorization)(\\s*[=:]\\s*).*");

    private static final Pattern SCHEME =
            Pattern.compile("(?i)\\b(bearer|basic|digest|negotiate)(\\s+)[\\w+/=.~-]{4,}");
    /** A name that ends like that of a secret, and its value. */
    private static final Pattern NAMED = Pattern.compile(
            "(?i)([\\w-]*(?:token|secret|password|passwd|passphrase|key|auth|sid|signature|jwt)\\b[\"']?\\s*[=:]\\s*)"
                    + "(\"[^\"]*\"?|'[^']*'?|[^\\s,;&]+)");

    private static final Pattern JWT = Pattern.compile("\\beyJ[\\w-]+\\.[\\w-]+(?:\\.[\\w-]*)?");

    private static final Comparator<String> LONGEST_FIRST =
            Comparator.comparingInt(String::length).reversed();

    private final Collection<String> known = new TreeSet<>(LONGEST_FIRST.thenComparing(Comparator.naturalOrder()));
    private volatile List<String> newest = Collections.emptyList();

    /** @param known the secrets that do not change */
    public Secrets(Collection<String> known) {
        for (String value : known) {
            if (value.length() >= MIN_LENGTH) this.known.add(value);
        }
    }

    /** Sets secrets that take the place of those before, such as a credential. */
    public void renew(List<String> secrets) {
        List<String> sorted = new ArrayList<>(secrets);
        // One may be a part of another.
        sorted.sort(LONGEST_FIRST);
        newest = sorted;
    }

    /** Returns the text without secrets. */
    public String clean(String text) {
        String cleaned = text;
        for (String value : known) cleaned = cleaned.replace(value, HIDDEN);
        for (String secret : newest) {
            if (secret.length() < MIN_LENGTH) continue;
            cleaned = cleaned.replace(secret, HIDDEN);
            // The value of a header is its scheme and the secret.
            String last = secret.substring(secret.lastIndexOf(' ') + 1);
            if (last.length() >= MIN_LENGTH) cleaned = cleaned.replace(last, HIDDEN);
        }
        cleaned = JWT.matcher(cleaned).replaceAll(HIDDEN);
        cleaned = urls(cleaned);
        cleaned = HEADER.matcher(cleaned).replaceAll("$1$2" + HIDDEN);
        cleaned = SCHEME.matcher(cleaned).replaceAll("$1$2" + HIDDEN);
        return NAMED.matcher(cleaned).replaceAll("$1" + HIDDEN);
    }

    /** Leaves scheme, host and port of each URL. */
    private static String urls(String text) {
        Matcher matcher = URL.matcher(text);
        StringBuffer cleaned = new StringBuffer();
        while (matcher.find()) {
            String rest = String.valueOf(matcher.group(3));
            String shown = matcher.group(1) + matcher.group(2) + (rest.length() < 2 ? rest : "/...");
            matcher.appendReplacement(cleaned, Matcher.quoteReplacement(shown));
        }
        return matcher.appendTail(cleaned).toString();
    }

    /**
     * Returns an exception with the class names and stack traces of another and of its causes, and without their secrets.
     *
     * @param withMessages whether to show the messages, cleaned; otherwise none is shown
     */
    public Throwable clean(Throwable thrown, boolean withMessages) {
        return clean(thrown, withMessages, MAX_CAUSES);
    }

    private Throwable clean(Throwable thrown, boolean withMessages, int causes) {
        String name = thrown.getClass().getName();
        String message = withMessages ? thrown.getMessage() : null;
        Throwable cause = thrown.getCause();
        Throwable cleaned = new Cleaned(
                message == null ? name : name + ": " + clean(Printable.message(message)),
                cause == null || causes == 0 ? null : clean(cause, withMessages, causes - 1));
        cleaned.setStackTrace(thrown.getStackTrace());
        return cleaned;
    }

    /** It shows the other exception's class in place of its own. */
    @SuppressWarnings("OverrideThrowableToString")
    private static final class Cleaned extends Throwable {
        private static final long serialVersionUID = 1;

        Cleaned(String text, @Nullable Throwable cause) {
            super(text, cause);
        }

        /** Returns the text, which begins with the other exception's class. */
        @Override
        public String toString() {
            return String.valueOf(getMessage());
        }
    }
}
