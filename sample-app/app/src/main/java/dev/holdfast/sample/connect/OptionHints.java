package dev.holdfast.sample.connect;

import dev.holdfast.ConnectionFailure;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** Which option helps with a failure. */
final class OptionHints {
    private OptionHints() {}

    /**
     * Returns a sentence with a space before it, or nothing.
     *
     * @param target where a redirect points; null if there was none
     */
    static String of(ConnectionFailure failure, @Nullable String target) {
        if (isCertificate(failure)) {
            return " --ca FILE trusts another authority, --insecure trusts everybody.";
        }
        return switch (failure.httpStatus()) {
            case 301, 302, 303, 307, 308 -> target == null ? "" : " It is now " + target + ", which -L follows.";
            case 401 -> " --user NAME:PASSWORD and -H 'Authorization: Bearer ...' say it.";
            case 407 -> " --proxy takes them: http://user:password@host:port.";
            default -> "";
        };
    }

    private static boolean isCertificate(ConnectionFailure failure) {
        for (Throwable cause = failure.cause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException || cause instanceof SSLPeerUnverifiedException) return true;
        }
        return false;
    }
}
