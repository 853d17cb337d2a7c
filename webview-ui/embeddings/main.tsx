import "../kit/base.css";
import { start } from "../kit/start";
import { Embeddings } from "./embeddings";

start(<Embeddings />);
