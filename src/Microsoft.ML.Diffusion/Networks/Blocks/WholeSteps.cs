namespace Microsoft.ML.Diffusion;

/// <summary>Lets a network that takes sizes in steps (patches, halvings) take any: zeros are appended to the next step, and cut off its answer.</summary>
internal static class WholeSteps
{
    /// <summary>Appends zeros to each dimension of places.</summary>
    /// <param name="ops">The interpreter.</param>
    /// <param name="x">[B, C, ...].</param>
    /// <param name="step">What sizes are multiples of afterwards; where they are already, nothing is done.</param>
    public static T Fill<T>(IOps<T> ops, T x, int step)
    {
        for (int dimension = 2; dimension < ops.Rank(x); dimension++)
            if (ops.Size(x, dimension) % step is var rest and > 0)
                x = ops.Pad(x, dimension, 0, step - rest);
        return x;
    }

    /// <summary>Cuts an answer to the size of what was asked about.</summary>
    /// <param name="ops">The interpreter.</param>
    /// <param name="answer">[B, C, ...].</param>
    /// <param name="asked">[B, D, ...].</param>
    public static T Cut<T>(IOps<T> ops, T answer, T asked)
    {
        for (int dimension = 2; dimension < ops.Rank(asked); dimension++)
            if (ops.Size(answer, dimension) > ops.Size(asked, dimension))
                answer = ops.Slice(answer, dimension, 0, ops.Size(asked, dimension));
        return answer;
    }
}
