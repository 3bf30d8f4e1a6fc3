package dev.cresset.langchain4j;

import dev.cresset.DeadlineExceededException;
import dev.cresset.InvalidInputException;
import dev.cresset.OverloadedException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.TimeoutException;
import java.util.function.Supplier;

/** What Cresset throws, in LangChain4j's words where it has them: its retries go by the type. */
final class LangChainFailures {

    private LangChainFailures() {}

    static <T> T in(Supplier<T> call) {
        try {
            return call.get();
        } catch (InvalidInputException | IllegalArgumentException e) {
            throw new InvalidRequestException(e.getMessage(), e);
        } catch (OverloadedException e) {
            throw new RateLimitException(e.getMessage(), e);
        } catch (DeadlineExceededException e) {
            throw new TimeoutException(e.getMessage(), e);
        }
    }
}
