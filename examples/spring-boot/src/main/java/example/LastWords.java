package example;

import dev.cresset.Predictor;
import dev.cresset.PredictorMetrics;
import jakarta.annotation.PreDestroy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Component;

/** Says what became of all requests, when the service has ended. */
@Component
class LastWords {

    private static final Logger LOG = LoggerFactory.getLogger(LastWords.class);

    private final Predictor<float[], float[]> risk;

    LastWords(@Qualifier("risk") Predictor<float[], float[]> risk) {
        this.risk = risk;
    }

    @PreDestroy
    void say() {
        PredictorMetrics done = risk.metrics();
        long failed = done.executionFailures() + done.otherFailures() + done.outOfNativeMemory();
        LOG.info(
                "answered {}, failed {}, refused {}, waiting {}",
                done.answered(),
                failed,
                done.rejected() + done.expired() + done.invalidInputs(),
                done.waiting());
    }
}
