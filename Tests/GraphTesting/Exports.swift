// Tests of graphs draw at random: whoever imports the graphs has `Repetitions` too.
@_exported import ProcessTesting
