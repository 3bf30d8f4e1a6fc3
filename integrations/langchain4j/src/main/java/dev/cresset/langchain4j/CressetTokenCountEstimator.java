package dev.cresset.langchain4j;

import static java.util.Objects.requireNonNull;

import dev.cresset.text.SentenceEncoder;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.TokenCountEstimator;

/**
 * Counts tokens as an embedding model's own tokenizer does, for splitters of documents. A text that the model would cut counts
 * in full; the tokens that the tokenizer adds do not count.
 *
 * <p>Safe for use by several threads.
 */
public final class CressetTokenCountEstimator implements TokenCountEstimator {

    private final SentenceEncoder encoder;

    private CressetTokenCountEstimator(SentenceEncoder encoder) {
        this.encoder = encoder;
    }

    /** By the tokenizer of an encoder, which is somebody else's to close. */
    public static CressetTokenCountEstimator of(SentenceEncoder encoder) {
        return new CressetTokenCountEstimator(requireNonNull(encoder, "encoder"));
    }

    @Override
    public int estimateTokenCountInText(String text) {
        return LangChainFailures.in(() -> encoder.countTokens(text));
    }

    @Override
    public int estimateTokenCountInMessage(ChatMessage message) {
        if (message instanceof UserMessage user) {
            return estimateTokenCountInText(user.singleText());
        } else if (message instanceof SystemMessage system) {
            return estimateTokenCountInText(system.text());
        } else if (message instanceof AiMessage answer) {
            return answer.text() == null ? 0 : estimateTokenCountInText(answer.text());
        } else if (message instanceof ToolExecutionResultMessage result) {
            return estimateTokenCountInText(result.text());
        }
        throw new IllegalArgumentException("cannot count the tokens of a " + message.type() + ", expected a text");
    }

    @Override
    public int estimateTokenCountInMessages(Iterable<ChatMessage> messages) {
        int tokens = 0;
        for (ChatMessage message : messages) {
            tokens += estimateTokenCountInMessage(message);
        }
        return tokens;
    }
}
