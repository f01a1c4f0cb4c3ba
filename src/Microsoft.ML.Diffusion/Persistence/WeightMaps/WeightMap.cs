namespace Microsoft.ML.Diffusion;

/// <summary>
/// Where the parameters of a network are found in files of weights that name, cut or repeat them otherwise: weights of another implementation load through a map, not into a second
/// architecture.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
public abstract class WeightMap
{
    /// <summary>The place of a parameter in the file. Dimensions of size 1 may come or go.</summary>
    /// <param name="parameter">The parameter.</param>
    public abstract WeightSource SourceOf(NetworkParameter parameter);

    /// <summary>Whether a tensor of the file is of no use here, such as a table that is computed.</summary>
    /// <param name="name">Its name in the file.</param>
    public virtual bool Ignores(string name) => false;
}

/// <summary>The place of a parameter in a file of weights.</summary>
/// <param name="Name">The name of the tensor. Several parameters may have the same.</param>
/// <param name="Part">Which of the equal parts of its first dimension is the parameter, from 0.</param>
/// <param name="Parts">How many parts the tensor has; 1 for the whole.</param>
public readonly record struct WeightSource(string Name, int Part = 0, int Parts = 1);
