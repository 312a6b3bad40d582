package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.RedirectPolicy;
import dev.holdfast.RedirectPolicy.Answer;
import okhttp3.HttpUrl;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HandshakeSecretsTest {
    private static final RedirectPolicy WITHOUT = (from, to) -> Answer.FOLLOW_WITHOUT_SECRETS;

    @ParameterizedTest
    @CsvSource({
        "https://a.example/x, https://a.example:443/y, FOLLOW_WITH_SECRETS",
        "https://a.example/x, https://b.example/x, FOLLOW_WITHOUT_SECRETS",
        "https://a.example/x, https://a.example:444/x, FOLLOW_WITHOUT_SECRETS",
        "http://a.example/x, https://a.example/x, FOLLOW_WITHOUT_SECRETS",
        "https://a.example/x, http://a.example/x, REFUSE",
        "https://a.example/x, http://a.example:443/x, REFUSE",
    })
    void thePolicyIsAskedAboutOtherOriginsAndNothingLeavesTls(String from, String to, Answer answer) {
        assertEquals(answer, HandshakeSecrets.answer(WITHOUT, HttpUrl.get(from), HttpUrl.get(to)));
    }
}
