package example;

import dev.cresset.Predictor;
import dev.cresset.registry.ModelRegistry;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** What callers ask. */
@RestController
class ScoringController {

    private final Predictor<float[], float[]> risk;
    private final ModelRegistry<byte[], String> pictures;

    ScoringController(
            @Qualifier("risk") Predictor<float[], float[]> risk, ModelRegistry<byte[], String> pictures) {
        this.risk = risk;
        this.pictures = pictures;
    }

    @PostMapping("/risk")
    float score(@RequestBody float[] row) {
        return risk.predict(row)[0];
    }

    @PostMapping(path = "/pictures/{model}", produces = MediaType.APPLICATION_JSON_VALUE)
    String classify(@PathVariable String model, @RequestBody byte[] picture) {
        return pictures.predict(model, picture).value();
    }
}
