package example;

import dev.cresset.ClosedException;
import dev.cresset.DeadlineExceededException;
import dev.cresset.InferenceException;
import dev.cresset.InvalidInputException;
import dev.cresset.OverloadedException;
import dev.cresset.UnknownModelException;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** What callers are told when a model does not answer: a status for each type, and the type by name. */
@RestControllerAdvice
class InferenceFailures {

    @ExceptionHandler
    ProblemDetail refused(InferenceException e) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(status(e), e.getMessage());
        problem.setTitle(e.getClass().getSimpleName());
        return problem;
    }

    private static HttpStatus status(InferenceException e) {
        if (e instanceof InvalidInputException) {
            return HttpStatus.BAD_REQUEST;
        }
        if (e instanceof UnknownModelException) {
            return HttpStatus.NOT_FOUND;
        }
        if (e instanceof OverloadedException || e instanceof ClosedException) {
            return HttpStatus.SERVICE_UNAVAILABLE;
        }
        if (e instanceof DeadlineExceededException) {
            return HttpStatus.GATEWAY_TIMEOUT;
        }
        return HttpStatus.INTERNAL_SERVER_ERROR;
    }
}
