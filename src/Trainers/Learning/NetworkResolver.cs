namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>Networks that answer with a vector: classifiers and encoders.</summary>
internal static class NetworkResolver
{
    /// <summary>What suits samples of a shape.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="answers">The length of the vector.</param>
    public static Network Default(DataShape shape, int answers) => shape.IsImage ? new HalfUNet(answers) : new ResidualMlp { Answers = answers };

    /// <summary>Refuses a network that does not answer so.</summary>
    /// <param name="network">The network.</param>
    /// <param name="shape">The shape of a sample.</param>
    /// <param name="answers">The length of the vector that is expected.</param>
    /// <param name="what">What its values are.</param>
    /// <param name="option">The option that gave it.</param>
    /// <exception cref="ArgumentException">Names the option, what was got and what is accepted.</exception>
    public static void Check(Network network, DataShape shape, int answers, string what, string option)
    {
        Kinds.Require(network);
        network.Validate(shape);
        if (network.AnswerShape(shape) is var answer && !answer.Equals(new DataShape(answers)))
            throw new ArgumentException($"The option {option} is a {network.GetType().Name} that answers {answer} to samples {shape}, but there are {answers} {what}.", option);
    }
}
